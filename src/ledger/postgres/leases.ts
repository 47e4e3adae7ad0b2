import { type Kysely, sql } from 'kysely';
import { MigrationError } from '../../core/errors.ts';
import type { Principal } from '../../core/types.ts';
import type { CommitLanes, Within } from './commits.ts';
import type { Patience } from './patience.ts';
import type { PostgresTables } from './schema.ts';

/** A worker's right to write for a principal, with all its workloads, until it expires or is taken over. */
export interface PrincipalLease {
  /** What `leaseName` gives. */
  principal: string;
  worker: string;
  /** Rises by one with every taking, so that an earlier holder can be told from the present one. */
  epoch: number;
}

/** Sources that merge into one target are one lease: two workers would write into the same mailbox otherwise. */
export function leaseName({ target }: Pick<Principal, 'target'>): string {
  return target;
}

/**
 * Leases of principals, in the server's time. What this process may write for is decided at `fence`, in the
 * transaction of the write: a holder that lost its lease without noticing is refused there.
 */
export class PrincipalLeases {
  readonly #query: Kysely<PostgresTables>;
  readonly #patience: Patience;
  readonly #lanes: CommitLanes;
  /** Epochs that this process took. Lost ones stay, to be refused. */
  readonly #taken = new Map<string, number>();

  constructor(query: Kysely<PostgresTables>, patience: Patience, lanes: CommitLanes) {
    this.#query = query;
    this.#patience = patience;
    this.#lanes = lanes;
  }

  /** Takes a lease that nobody holds or that has expired; null while it is somebody's, this worker's too. */
  async leasePrincipal(principal: string, worker: string, forMs: number): Promise<PrincipalLease | null> {
    const epoch = await this.#lanes.add(principal, async (within) => {
      const { rows } = await sql<{ epoch: number }>`
        INSERT INTO principal_lease AS held (principal, worker, epoch, expires_at)
        VALUES (${principal}, ${worker}, 1, ${untilAfter(forMs)})
        ON CONFLICT (principal) DO UPDATE
          SET worker = excluded.worker, epoch = held.epoch + 1, expires_at = excluded.expires_at
          WHERE held.expires_at <= clock_timestamp()
        RETURNING epoch`.execute(within);
      return rows[0]?.epoch ?? null;
    });
    if (epoch === null) return null;
    this.#taken.set(principal, epoch);
    return { principal, worker, epoch };
  }

  /** Holds on to a lease from now on; false when somebody else has taken it. */
  async renew({ principal, epoch }: PrincipalLease, forMs: number): Promise<boolean> {
    return this.#lanes.add(principal, async (within) => {
      const { numAffectedRows } = await sql`UPDATE principal_lease SET expires_at = ${untilAfter(forMs)}
        WHERE principal = ${principal} AND epoch = ${epoch}`.execute(within);
      return numAffectedRows === 1n;
    });
  }

  /** Gives a lease back, for anybody to take at once; does nothing when somebody else has taken it. */
  async release({ principal, epoch }: PrincipalLease): Promise<void> {
    await this.#lanes.add(principal, (within) =>
      sql`UPDATE principal_lease SET expires_at = '-infinity'
        WHERE principal = ${principal} AND epoch = ${epoch}`.execute(within),
    );
  }

  /** The leases that are held, by principal. */
  async held(): Promise<readonly PrincipalLease[]> {
    const { rows } = await this.#patience.through(() =>
      sql<PrincipalLease>`SELECT principal, worker, epoch FROM principal_lease
        WHERE expires_at > clock_timestamp() ORDER BY principal`.execute(this.#query),
    );
    return rows;
  }

  /**
   * Throws (scope job) unless this process may write for all of these principals: it holds a lease's present epoch, or
   * never took one and nobody holds it. Until the transaction ends nobody can take the leases over, so whoever does
   * sees what it wrote.
   */
  async fence(within: Within, principals: ReadonlySet<string>): Promise<void> {
    const { rows } = await sql<{ principal: string; epoch: number; isHeld: boolean }>`
      SELECT principal, epoch, expires_at > clock_timestamp() AS "isHeld" FROM principal_lease
      WHERE principal = ANY(${[...principals]}::text[]) ORDER BY principal FOR SHARE`.execute(within);
    const isForeign = rows.some(({ principal, epoch, isHeld }) => {
      const own = this.#taken.get(principal);
      return own === undefined ? isHeld : own !== epoch;
    });
    if (!isForeign) return;
    const message = 'another worker holds the lease of this principal';
    throw new MigrationError({ code: 'lease-lost', message, scope: 'job' });
  }
}

function untilAfter(ms: number) {
  return sql`clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`;
}
