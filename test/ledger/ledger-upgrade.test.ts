import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { checkLedger } from '../../src/ledger/checks.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { MIGRATIONS } from '../../src/ledger/schema.ts';
import { job, page, sourceItem } from '../support/jobs.ts';

const ANN = job();
const LOSS = { field: 'flag', kind: 'dropped', reason: 'no-equivalent' } as const;
const RECEIPT = { targetId: '18c0ffee18c0ffee', wrote: { labelIds: ['L1'] } };
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferry-ledger-'));
  path = join(folder, 'ledger.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A file of schema version 1 with a folder, a written message, one in doubt, a failed one and one that is gone. */
function writeVersion1(): void {
  const file = new DatabaseSync(path);
  file.exec(`${MIGRATIONS[0]!.statements}; PRAGMA user_version = 1`);
  const { principal } = ANN;
  file
    .prepare('INSERT INTO job VALUES (1, ?, ?, ?, ?, ?, ?)')
    .run(ANN.id, 'mail', principal.organisation, principal.wave, principal.source, principal.target);
  file.prepare('INSERT INTO stream VALUES (1, ?, ?, 3)').run('folder:inbox', 'c9');
  file.prepare('INSERT INTO note VALUES (?, ?)').run('run', '{"at":7}');
  const insert =
    file.prepare(`INSERT INTO item (job, key, version, container, identity, rank, after_key, ord, state,
    inline, bytes, stream, epoch, status, settled_version, settled_status, receipt, losses, reason, begun_at,
    begun_version, attempts, fingerprint)
    VALUES (1, ?, ?, 'inbox', ?, ?, ?, ?, ?, ?, ?, 'folder:inbox', 3, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const receipt = JSON.stringify(RECEIPT);
  const losses = JSON.stringify([LOSS]);
  const state = JSON.stringify({ kind: 'message', isRead: true });
  insert.run(
    'folder:inbox',
    'f1',
    null,
    0,
    null,
    0,
    '{}',
    null,
    null,
    'written',
    'f1',
    'written',
    receipt,
    null,
    null,
    null,
    null,
    1,
    null,
  );
  insert.run(
    'm1',
    'm1@1',
    'id@x',
    100,
    'folder:inbox',
    5,
    state,
    null,
    70,
    'written',
    'm1@1',
    'written',
    receipt,
    losses,
    null,
    null,
    null,
    1,
    '0:ab12',
  );
  insert.run(
    'm2',
    'm2@2',
    'id@x',
    100,
    'folder:inbox',
    9,
    state,
    '{"a":1}',
    80,
    'begun',
    'm2@1',
    'excluded',
    null,
    null,
    null,
    1234.5,
    'm2@1',
    2,
    null,
  );
  insert.run(
    'm3',
    'm3@1',
    null,
    100,
    'folder:inbox',
    7,
    '{}',
    null,
    null,
    'failed',
    'm3@1',
    'failed',
    null,
    null,
    'invalid',
    null,
    null,
    1,
    null,
  );
  insert.run(
    'm4',
    'm4@1',
    null,
    100,
    'folder:inbox',
    8,
    '{}',
    null,
    null,
    'gone',
    'm4@1',
    'written',
    receipt,
    null,
    null,
    null,
    null,
    1,
    null,
  );
  file.close();
}

it('takes over every fact of a ledger of the version before', async () => {
  writeVersion1();

  const ledger = openLedger({ path, clock: systemClock() });

  expect(await ledger.item(ANN, 'm1')).toEqual({
    ...sourceItem('m1', { identity: 'id@x', after: 'folder:inbox', order: 5, bytes: 70 }),
    state: { kind: 'message', isRead: true },
    status: 'written',
    settledVersion: 'm1@1',
    receipt: RECEIPT,
    begunAt: null,
    begunVersion: null,
    attempts: 1,
    reason: null,
    fingerprint: '0:ab12',
  });
  expect(await ledger.item(ANN, 'm2')).toMatchObject({
    ...{ status: 'begun', begunAt: 1234.5, begunVersion: 'm2@1', settledVersion: 'm2@1', attempts: 2 },
    inline: { a: 1 },
  });
  expect((await ledger.byIdentity(ANN, 'id@x')).map(({ key }) => key)).toEqual(['m1', 'm2']);
  expect((await ledger.open(ANN, 100, null, 9, false)).map(({ key }) => key)).toEqual(['m2']);
  expect((await ledger.containers(ANN, 100)).map(({ key }) => key)).toEqual(['folder:inbox']);
  expect(await ledger.cursors(ANN)).toEqual(new Map([['folder:inbox', 'c9']]));
  expect(await ledger.readNote('run')).toEqual({ at: 7 });
  expect(await ledger.losses()).toEqual([{ workload: 'mail', loss: LOSS, count: 1 }]);
  expect(await ledger.progress()).toMatchObject([
    { counts: { written: 2, begun: 1, failed: 1, gone: 1 }, bytes: 70 },
  ]);
  await ledger.close();
  expect(checkLedger(path)).toEqual({ items: 5, open: 1, faults: [] });
});

it('goes on where the version before stood', async () => {
  writeVersion1();
  const ledger = openLedger({ path, clock: systemClock() });

  await ledger.commitPage(ANN, page([sourceItem('m4')], { mode: 'full', first: true, last: true }));
  const retried = await ledger.retry(ANN);

  expect((await ledger.item(ANN, 'm4'))!.status).toBe('written');
  expect((await ledger.item(ANN, 'm1'))!.status).toBe('gone');
  expect(retried).toBe(0);
  expect((await ledger.item(ANN, 'm3'))!.status).toBe('gone');
  await ledger.close();
  expect(checkLedger(path).faults).toEqual([]);
});

it('leaves a file of the version before as it was when it cannot be taken over', () => {
  writeVersion1();
  const file = new DatabaseSync(path);
  file.exec("UPDATE item SET state = 'no JSON' WHERE key = 'm3'");
  file.close();

  expect(() => openLedger({ path, clock: systemClock() })).toThrow();

  const after = new DatabaseSync(path);
  expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  expect(after.prepare('SELECT count(*) AS items FROM item').get()).toEqual({ items: 5 });
  after.close();
});
