import { type Clock, throwIfAborted } from '../core/clock.ts';
import { Interrupted, type MigrationError } from '../core/errors.ts';
import type { Fences } from './fence.ts';
import type { RateBuckets } from './gcra.ts';
import { parked } from './park.ts';
import { FairQueue } from './queue.ts';
import type { Slots } from './slots.ts';

/** What one request asks of one bucket. `id` names bucket and key together. */
export interface Ask {
  bucket: string;
  id: string;
  units: number;
}

/** A request's place in the queue; lower ranks go first, within a rank the mailboxes take turns. */
export interface Entry {
  asks: readonly Ask[];
  rank: number;
  signal: AbortSignal;
}

/** The right to have one request in flight. */
export interface Ticket {
  startedAt: number;
  /** Frees the slots; later calls do nothing. */
  release(how: 'good' | 'throttled' | 'bad'): void;
}

interface Waiting extends Entry {
  lane: string;
  start(now: number): void;
  turnAway(error: MigrationError): void;
}

/** Ticks at which an obstacle goes away by itself; infinite for a slot, which another request has to free. */
interface Obstacle {
  until: number;
  /** Bucket whose allowance this request is next to take: nobody behind it may take it first. */
  claim: string | null;
  /** Set where nobody should wait that long: what the request is turned away with. */
  parked?: MigrationError;
}

/** One look at the queue. */
interface Scan {
  now: number;
  claimed: Set<string>;
  starting: Waiting[];
  away: { waiting: Waiting; error: MigrationError }[];
  wakeAt: number;
}

const SWEEP_EVERY = 1000;
/** Interactive and check, then bulk; see `plan.ts`. */
const RANKS = [0, 1] as const;

/**
 * The one queue of a transport. A request starts when, at one and the same instant, every fence is open, every rate
 * has room and every slot is free: only then is anything charged, so what was charged is what was sent, and no
 * fence can fall between the last look and the send.
 */
export class Admission {
  readonly #clock: Clock;
  readonly #fences: Fences;
  readonly #rates: RateBuckets;
  readonly #slots: Slots;
  readonly #patienceMs: number;
  readonly #queue = new FairQueue<Waiting>();
  #isScanDue = false;
  #wake: { at: number; controller: AbortController } | null = null;
  #admitted = 0;

  /** `patienceMs`: a bucket that stays closed for longer turns its requests away instead of holding them. */
  constructor(parts: {
    clock: Clock;
    fences: Fences;
    rates: RateBuckets;
    slots: Slots;
    patienceMs?: number;
  }) {
    this.#clock = parts.clock;
    this.#patienceMs = parts.patienceMs ?? Number.POSITIVE_INFINITY;
    this.#fences = parts.fences;
    this.#rates = parts.rates;
    this.#slots = parts.slots;
  }

  /**
   * Waits for its turn, then calls `send` in the same instant. Rejects with `Interrupted` when the signal aborts, and
   * with a `Throttled` of the job's scope when a vendor has closed one of its buckets for too long.
   */
  async enter<T>(entry: Entry, send: (ticket: Ticket) => Promise<T>): Promise<T> {
    throwIfAborted(entry.signal);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const lane = entry.asks.map((ask) => ask.id).join('\n');
    const waiting: Waiting = {
      ...entry,
      lane,
      start: (now) => {
        entry.signal.removeEventListener('abort', leave);
        send(this.#ticket(entry.asks, now)).then(resolve, reject);
      },
      turnAway: (error) => {
        entry.signal.removeEventListener('abort', leave);
        reject(error);
      },
    };
    const leave = () => {
      this.#queue.remove(waiting);
      reject(interruption(entry.signal));
      this.#scanSoon();
    };
    entry.signal.addEventListener('abort', leave, { once: true });
    this.#queue.add(waiting);
    this.#scanSoon();
    return promise;
  }

  /** One look for all that arrives and ends in one turn of the event loop: a look costs as much as there are lanes. */
  #scanSoon(): void {
    if (this.#isScanDue) return;
    this.#isScanDue = true;
    setImmediate(() => {
      this.#isScanDue = false;
      this.#scan();
    });
  }

  /** Starts whatever may start, in order, and sets the alarm for the next obstacle that goes away by itself. */
  #scan(): void {
    const now = this.#clock.ticks();
    const scan: Scan = { now, claimed: new Set(), starting: [], away: [], wakeAt: Number.POSITIVE_INFINITY };
    for (const rank of RANKS) {
      let round = this.#queue.heads(rank);
      // Each lane has one turn a round, so that a long lane takes no more than its share.
      while (round.length > 0) round = round.flatMap((head) => this.#try(scan, head));
    }
    this.#setAlarm(scan.wakeAt, now);
    for (const { waiting, error } of scan.away) waiting.turnAway(error);
    for (const waiting of scan.starting) waiting.start(now);
  }

  /** One request's turn. Returns the one behind it, of the same rank, when the lane may go on. */
  #try(scan: Scan, head: Waiting): Waiting[] {
    const obstacle = this.#obstacle(head, scan.now, scan.claimed);
    if (obstacle && !obstacle.parked) {
      if (obstacle.claim !== null) scan.claimed.add(obstacle.claim);
      scan.wakeAt = Math.min(scan.wakeAt, obstacle.until);
      return [];
    }
    if (obstacle?.parked) scan.away.push({ waiting: head, error: obstacle.parked });
    else {
      this.#charge(head.asks, scan.now);
      scan.starting.push(head);
    }
    const next = this.#queue.start(head);
    return next?.rank === head.rank ? [next] : [];
  }

  /** The first obstacle in the order fence → slot → rate; only a rate that it is next for is claimed. */
  #obstacle(waiting: Waiting, now: number, claimed: ReadonlySet<string>): Obstacle | null {
    if (!this.#fences.isEmpty) {
      const fenced = this.#fenced(waiting, now);
      if (fenced !== null) return fenced;
    }
    for (const { bucket, id } of waiting.asks) if (!this.#slots.isFree(bucket, id)) return forSlot;
    for (const { bucket, id, units } of waiting.asks) {
      if (units > 0 && claimed.has(id)) return forSlot;
      const until = this.#rates.conformsAt(bucket, id, units);
      if (until > now) return { until, claim: id };
    }
    return null;
  }

  #fenced({ asks }: Waiting, now: number): Obstacle | null {
    for (const { id } of asks) {
      const until = this.#fences.opensAt(id);
      if (until > now) return { until, claim: null, ...this.#parking(id, until - now) };
    }
    return null;
  }

  #parking(id: string, waitMs: number): { parked?: MigrationError } {
    const why = this.#fences.why(id);
    if (why === null || waitMs <= this.#patienceMs) return {};
    return { parked: parked(why, waitMs, this.#clock) };
  }

  #charge(asks: readonly Ask[], now: number): void {
    for (const { bucket, id, units } of asks) {
      this.#rates.charge(bucket, id, units, now);
      this.#slots.take(bucket, id);
    }
    this.#admitted += 1;
    if (this.#admitted % SWEEP_EVERY === 0) this.#sweep(now);
  }

  #sweep(now: number): void {
    this.#fences.sweep(now);
    this.#rates.sweep(now);
    this.#slots.sweep();
    this.#queue.sweep();
  }

  #ticket(asks: readonly Ask[], startedAt: number): Ticket {
    let isHeld = true;
    return {
      startedAt,
      release: (how) => {
        if (!isHeld) return;
        isHeld = false;
        for (const { bucket, id } of asks) {
          this.#slots.release(bucket, id);
          if (how === 'good') this.#slots.grow(bucket, id);
          if (how === 'throttled') this.#slots.halve(bucket, id, startedAt, this.#clock.ticks());
        }
        this.#scanSoon();
      },
    };
  }

  #setAlarm(at: number, now: number): void {
    if (this.#wake?.at === at) return;
    this.#wake?.controller.abort();
    this.#wake = null;
    if (at === Number.POSITIVE_INFINITY) return;
    const wake = { at, controller: new AbortController() };
    this.#wake = wake;
    // Whole milliseconds: a remainder below the clock's resolution would never pass.
    this.#clock.wait(Math.ceil(at - now), wake.controller.signal).then(
      () => {
        if (this.#wake === wake) this.#wake = null;
        this.#scan();
      },
      () => undefined,
    );
  }
}

const forSlot: Obstacle = { until: Number.POSITIVE_INFINITY, claim: null };

function interruption(signal: AbortSignal): Error {
  return signal.reason instanceof Interrupted ? signal.reason : new Interrupted();
}
