import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import { Config, Transient } from '../../../src/core/errors.ts';
import { findPostgresLedger } from '../../../src/ledger/postgres/ledger.ts';
import { job, page, sourceItem } from '../../support/jobs.ts';
import { postgresLedgers } from '../../support/postgres-ledgers.ts';
import { freePort } from '../../support/postgres-server.ts';

const ANN = job();
const { server, options, open } = postgresLedgers();

const keysOf = (count: number) => Array.from({ length: count }, (_, n) => `m${n}`);

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of all) found.push(each);
  return found;
}

describe('a ledger in PostgreSQL', () => {
  it('is made once by processes that open it together', async () => {
    const ledgers = await Promise.all(Array.from({ length: 6 }, () => open()));

    await Promise.all(ledgers.map((ledger, n) => ledger.note(`n${n}`, n)));

    expect(await Promise.all(ledgers.map((ledger, n) => ledger.readNote(`n${n}`)))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
    expect(await server().query(`SELECT version FROM ${options().schema}.schema_version`)).toEqual([
      { version: 1 },
    ]);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('holds after closing what was committed, apart from other programmes', async () => {
    const before = await open();
    await before.commitPage(ANN, page([sourceItem('m1')], { cursor: 'c7' }));
    await before.close();

    const after = await open();
    const other = await open({ schema: `${options().schema}_other` });

    expect(await after.item(ANN, 'm1')).toMatchObject({ status: 'listed' });
    expect(await after.cursors(ANN)).toEqual(new Map([['folder:inbox', 'c7']]));
    expect(await other.progress()).toEqual([]);
    await Promise.all([after.close(), other.close()]);
  });

  it('shares commits among writes that arrive close together', async () => {
    const ledger = await open();
    await ledger.commitPage(ANN, page(keysOf(40).map((key) => sourceItem(key))));
    const before = ledger.commits;

    await Promise.all(keysOf(40).map((key) => ledger.begin(ANN, [key], 1)));

    expect(ledger.commits - before).toBe(1);
    expect(await ledger.open(ANN, 100, null, 99, false)).toHaveLength(40);
    await ledger.close();
  });

  it('lets a write that the server refuses fail alone', async () => {
    const ledger = await open();
    await ledger.openJob(ANN);

    const writes = await Promise.allSettled([
      ledger.commitPage(ANN, page([sourceItem('m1')])),
      ledger.commitPage(ANN, page([sourceItem('m2', { bytes: 1e30 })])),
      ledger.commitPage(ANN, page([sourceItem('m3')])),
    ]);

    expect(writes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await collect(ledger.claims(ANN))).map(({ key }) => key)).toEqual(['m1', 'm3']);
    await ledger.close();
  });

  it('writes the last of a key that one page shows twice', async () => {
    const ledger = await open();

    await ledger.commitPage(ANN, page([sourceItem('m1'), sourceItem('m1', { version: 'm1@2' })]));

    expect(await ledger.item(ANN, 'm1')).toMatchObject({ version: 'm1@2', status: 'listed' });
    await ledger.close();
  });

  it('keeps text as a mailbox holds it, and orders keys by their bytes', async () => {
    const ledger = await open();
    const hostile = `nul \u0000 one \u00010 quote ' " \\ {} ${'\u{1f4e7}'}`;
    const keys = ['b', 'B', 'ä', 'a_', 'a-', hostile];

    await ledger.commitPage(
      ANN,
      page(keys.map((key) => sourceItem(key, { identity: hostile, state: { subject: hostile } }))),
    );

    const found = await ledger.byIdentity(ANN, hostile);
    expect(found.map(({ key }) => key)).toEqual(['B', 'a-', 'a_', 'b', hostile, 'ä']);
    expect(found[0]).toMatchObject({ identity: hostile, state: { subject: hostile } });
    await ledger.close();
  });

  it('lets two processes write different jobs at the same time', async () => {
    const people = ['ann', 'bob'];
    const children = people.map((person) => spawnWriter(person, people));

    const exits = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));

    expect(exits).toEqual([0, 0]);
    const ledger = await open();
    const progress = await ledger.progress();
    expect(progress.map(({ source, counts }) => [source, counts])).toEqual(
      people.map((person) => [`${person}@old.example`, { written: 300 }]),
    );
    await ledger.close();
  });
});

/** A process that waits until every other one is there too, then lists, begins and settles 300 items of its own. */
function spawnWriter(person: string, people: readonly string[]) {
  const from = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { openPostgresLedger } from ${from('../../../src/ledger/postgres/ledger.ts')};
    import { systemClock } from ${from('../../../src/core/clock.ts')};
    import { job, page, sourceItem } from ${from('../../support/jobs.ts')};
    const clock = systemClock();
    const ledger = await openPostgresLedger({ url: process.env.URL, schema: ${JSON.stringify(options().schema)}, clock });
    const own = job('mail', ${JSON.stringify(person)});
    await ledger.note(${JSON.stringify(`here ${person}`)}, true);
    for (const name of ${JSON.stringify(people)})
      while (!(await ledger.readNote('here ' + name))) await clock.wait(5);
    const keys = Array.from({ length: 300 }, (_, n) => 'm' + n);
    for (let at = 0; at < 300; at += 50)
      await ledger.commitPage(own, page(keys.slice(at, at + 50).map((key) => sourceItem(key))));
    await Promise.all(keys.map(async (key) => {
      await ledger.begin(own, [key], 1);
      await ledger.settle(own, [{ key, version: key + '@1', outcome: 'written', reason: null,
        receipt: { targetId: key, wrote: {} }, losses: [] }]);
    }));
    await ledger.close();`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, URL: server().url },
  });
}

describe('an address that cannot serve', () => {
  const PASSWORD = 'of-the-tests';
  const changed = (change: (url: URL) => void) => {
    const url = new URL(server().url);
    change(url);
    return url.href;
  };

  it.each<[string, (url: URL) => void, string]>([
    [
      'a wrong password',
      (url) => {
        url.password = 'wrong-secret';
      },
      'refuses this user or password',
    ],
    [
      'no password',
      (url) => {
        url.password = '';
      },
      'cannot be used as it is written',
    ],
    [
      'a database that is not there',
      (url) => {
        url.pathname = '/nowhere';
      },
      'has no database of that name',
    ],
    [
      'encryption that the server does not speak',
      (url) => {
        url.search = '?sslmode=verify-full';
      },
      'cannot be used as it is written',
    ],
  ])('ends with a configuration error: %s', async (_name, change, sentence) => {
    const failure = await failureOf(open({ url: changed(change) }));

    expect(failure).toBeInstanceOf(Config);
    expect((failure as Config).message).toContain(sentence);
    expect(exitCodeOf(failure)).toBe(2);
    expect(JSON.stringify([failure, (failure as Config).message])).not.toMatch(/of-the-tests|wrong-secret/);
  });

  it('refuses a user without the right to make a schema', async () => {
    await server().query("CREATE ROLE guest LOGIN PASSWORD 'guest'");
    const url = changed((own) => {
      own.username = 'guest';
      own.password = 'guest';
    });

    const failure = await failureOf(open({ url }));

    expect(failure).toBeInstanceOf(Config);
    expect((failure as Config).message).toContain('own a schema');
  });

  it('ends as an error that can be resumed when nobody listens there', async () => {
    const port = await freePort();

    const failure = await failureOf(
      open({
        url: changed((url) => {
          url.port = String(port);
        }),
      }),
    );

    expect(failure).toBeInstanceOf(Transient);
    expect(exitCodeOf(failure)).toBe(5);
    expect((failure as Transient).message).toContain(`postgres://127.0.0.1:${port}/postgres`);
    expect((failure as Transient).message).not.toContain(PASSWORD);
  });

  it('refuses a schema that is newer than it knows', async () => {
    await (await open()).close();
    await server().query(`UPDATE ${options().schema}.schema_version SET version = 99`);

    expect(await failureOf(open())).toBeInstanceOf(Config);
    expect(await failureOf(findPostgresLedger(options()))).toBeInstanceOf(Config);
  });
});

describe('looking on', () => {
  it('finds nothing where no ledger was opened, and makes none', async () => {
    expect(await findPostgresLedger(options())).toBeNull();
    expect(await server().query(`SELECT 1 FROM pg_namespace WHERE nspname = '${options().schema}'`)).toEqual(
      [],
    );
  });

  it('sees what another process has committed and writes nothing', async () => {
    const first = await open();
    await first.commitPage(ANN, page([sourceItem('m1')]));

    const reader = (await findPostgresLedger(options()))!;

    expect(await reader.progress()).toMatchObject([{ counts: { listed: 1 } }]);
    expect(await failureOf(reader.note('a', 1))).toBeInstanceOf(Config);
    await Promise.all([first.close(), reader.close()]);
  });
});
