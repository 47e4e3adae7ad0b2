interface Lane {
  max: number;
  limit: number;
  inFlight: number;
  /** Answers that came well since the limit last changed. */
  successes: number;
  halvedAt: number;
}

const START = 2;

/**
 * Requests in flight at once, by bucket id. The limit of a bucket starts at two, rises by one after as many
 * successes as it allows at once, halves on a throttle, and stays between one and the vendor's ceiling.
 */
export class Slots {
  readonly #ceilings: ReadonlyMap<string, number>;
  readonly #lanes = new Map<string, Lane>();

  /** `ceilings` by bucket name. Buckets without a ceiling never wait. */
  constructor(ceilings: ReadonlyMap<string, number>) {
    this.#ceilings = ceilings;
  }

  isFree(bucket: string, id: string): boolean {
    const lane = this.#lane(bucket, id);
    return !lane || lane.inFlight < lane.limit;
  }

  take(bucket: string, id: string): void {
    const lane = this.#lane(bucket, id);
    if (lane) lane.inFlight += 1;
  }

  release(bucket: string, id: string): void {
    const lane = this.#lane(bucket, id);
    if (lane) lane.inFlight -= 1;
  }

  /** One answer came well. */
  grow(bucket: string, id: string): void {
    const lane = this.#lane(bucket, id);
    if (!lane) return;
    lane.successes += 1;
    if (lane.successes < lane.limit) return;
    lane.successes = 0;
    lane.limit = Math.min(lane.max, lane.limit + 1);
  }

  /** A request that started at `startedAt` was throttled. Several throttled in one burst halve the limit once. */
  halve(bucket: string, id: string, startedAt: number, now: number): void {
    const lane = this.#lane(bucket, id);
    if (!lane || startedAt < lane.halvedAt) return;
    lane.limit = Math.max(1, Math.floor(lane.limit / 2));
    lane.successes = 0;
    lane.halvedAt = now;
  }

  /** The limit at present; infinite where the bucket has no ceiling. */
  limit(bucket: string, id: string): number {
    return this.#lane(bucket, id)?.limit ?? Number.POSITIVE_INFINITY;
  }

  /** Forgets buckets with nothing in flight whose limit is at or above the start: they learn again in a moment. */
  sweep(): void {
    for (const [id, lane] of this.#lanes) {
      if (lane.inFlight === 0 && lane.limit >= Math.min(START, lane.max)) this.#lanes.delete(id);
    }
  }

  #lane(bucket: string, id: string): Lane | undefined {
    const max = this.#ceilings.get(bucket);
    if (max === undefined) return undefined;
    let lane = this.#lanes.get(id);
    if (!lane) {
      lane = {
        max,
        limit: Math.min(START, max),
        inFlight: 0,
        successes: 0,
        halvedAt: Number.NEGATIVE_INFINITY,
      };
      this.#lanes.set(id, lane);
    }
    return lane;
  }
}
