import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { MigrationError } from '../../../src/core/errors.ts';
import { leaseName } from '../../../src/ledger/postgres/leases.ts';
import { openPostgresLedger, type PostgresLedger } from '../../../src/ledger/postgres/ledger.ts';
import { job, page, sourceItem } from '../../support/jobs.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';

const ANN = job();
const MAILBOX = leaseName(ANN.principal);
const LONG_MS = 3_600_000;
const clock = systemClock();
let server: PostgresServer;
let schemas = 0;
let one: PostgresLedger;
let other: PostgresLedger;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.remove());

beforeEach(async () => {
  schemas += 1;
  const options = { url: server.url, schema: `ferry_${schemas}`, clock };
  one = await openPostgresLedger(options);
  other = await openPostgresLedger(options);
  await one.commitPage(ANN, page([sourceItem('m1')]));
});

afterEach(() => Promise.all([one.close(), other.close()]));

const begin = (ledger: PostgresLedger) =>
  ledger.begin(ANN, ['m1'], 1).then(
    () => 'begun',
    (error: unknown) => error,
  );
const attempts = async () => (await one.item(ANN, 'm1'))!.attempts;

describe('the lease of a principal', () => {
  it('is one for its workloads and for all sources that merge into its target', () => {
    expect(leaseName(job('calendar').principal)).toBe(MAILBOX);
    expect(leaseName({ target: 'ann@new.example' })).toBe(MAILBOX);
    expect(leaseName(job('mail', 'bob').principal)).not.toBe(MAILBOX);
  });

  it('is held by one worker of many that ask at once', async () => {
    const asked = Array.from({ length: 12 }, (_, n) =>
      (n % 2 === 0 ? one : other).leases.leasePrincipal(MAILBOX, `w${n}`, LONG_MS),
    );

    const taken = (await Promise.all(asked)).filter((lease) => lease !== null);

    expect(taken).toHaveLength(1);
    expect(await other.leases.held()).toEqual(taken);
  });

  it('passes on when it is given back, under a new epoch', async () => {
    const first = (await one.leases.leasePrincipal(MAILBOX, 'w1', LONG_MS))!;
    const refused = await other.leases.leasePrincipal(MAILBOX, 'w2', LONG_MS);
    await one.leases.release(first);

    const second = await other.leases.leasePrincipal(MAILBOX, 'w2', LONG_MS);

    expect(refused).toBeNull();
    expect(second).toEqual({ principal: MAILBOX, worker: 'w2', epoch: first.epoch + 1 });
  });

  it('passes on when it was not renewed in time, and its earlier holder learns of it', async () => {
    const first = (await one.leases.leasePrincipal(MAILBOX, 'w1', 0))!;
    const second = (await other.leases.leasePrincipal(MAILBOX, 'w2', LONG_MS))!;

    expect(await one.leases.renew(first, LONG_MS)).toBe(false);
    await one.leases.release(first);
    expect(await other.leases.renew(second, LONG_MS)).toBe(true);
    expect(await one.leases.held()).toEqual([second]);
  });

  it('stays with a holder that renews it', async () => {
    const lease = (await one.leases.leasePrincipal(MAILBOX, 'w1', 0))!;

    expect(await one.leases.renew(lease, LONG_MS)).toBe(true);
    expect(await other.leases.leasePrincipal(MAILBOX, 'w2', LONG_MS)).toBeNull();
  });
});

describe('a begin mark', () => {
  it('is set by the holder of the lease alone', async () => {
    await one.leases.leasePrincipal(MAILBOX, 'w1', LONG_MS);

    const stranger = await begin(other);
    const holder = await begin(one);

    expect(stranger).toBeInstanceOf(MigrationError);
    expect(stranger).toMatchObject({ code: 'lease-lost', scope: 'job' });
    expect(holder).toBe('begun');
    expect(await attempts()).toBe(1);
  });

  it('is refused to a worker that lost its lease without noticing', async () => {
    await one.leases.leasePrincipal(MAILBOX, 'w1', 0);
    await other.leases.leasePrincipal(MAILBOX, 'w2', 0);

    expect(await begin(one)).toMatchObject({ code: 'lease-lost' });
    expect(await begin(other)).toBe('begun');
    expect(await attempts()).toBe(1);
  });

  it('is refused alone: what other principals write beside it stands', async () => {
    const bob = job('mail', 'bob');
    await one.leases.leasePrincipal(MAILBOX, 'w1', LONG_MS);

    const [refused] = await Promise.all([
      begin(other),
      ...Array.from({ length: 20 }, () => other.commitPage(bob, page([sourceItem('b1')]))),
    ]);

    expect(refused).toMatchObject({ code: 'lease-lost' });
    expect(await other.item(bob, 'b1')).toMatchObject({ status: 'listed' });
  });

  it('needs no lease while nobody holds one', async () => {
    const lease = (await one.leases.leasePrincipal(MAILBOX, 'w1', LONG_MS))!;
    await one.leases.release(lease);

    expect(await begin(other)).toBe('begun');
  });

  it('holds a takeover up until it is committed, so that the new holder sees it', async () => {
    const schema = `ferry_${schemas}`;
    await server.query(`CREATE FUNCTION ${schema}.dawdle() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_sleep(0.4); RETURN new; END $$;
      CREATE TRIGGER dawdle BEFORE UPDATE ON ${schema}.item EXECUTE FUNCTION ${schema}.dawdle()`);
    await one.leases.leasePrincipal(MAILBOX, 'w1', 0);

    const beginning = begin(one);
    while ((await server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).length === 0);
    await other.leases.leasePrincipal(MAILBOX, 'w2', LONG_MS);
    const atTakeover = await other.item(ANN, 'm1');

    expect(await beginning).toBe('begun');
    expect(atTakeover?.status).toBe('begun');
  });
});
