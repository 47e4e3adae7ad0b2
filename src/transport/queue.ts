/** What the queue has to know of a request: its lane, and its rank (lower ones go first). */
export interface Queued {
  lane: string;
  rank: number;
}

interface Lane<T> {
  /** By rank, within a rank first come, first served. */
  waiting: T[];
  /** Virtual time of the lane's next start: one step later than its last, never earlier than the queue's. */
  tag: number;
  /** Order of arrival among lanes with one tag. */
  arrival: number;
}

/**
 * Requests that wait, in one lane per set of buckets (in practice: per mailbox). Lanes take turns, however long
 * each of them is: start-time fair queueing, every request at a cost of one. Within a rank the lane that was served
 * least of late goes first, and a lane that comes back after a pause has saved nothing up.
 */
export class FairQueue<T extends Queued> {
  readonly #lanes = new Map<string, Lane<T>>();
  #order: Lane<T>[] = [];
  #now = 0;
  #arrivals = 0;

  add(request: T): void {
    const lane = this.#lane(request.lane);
    if (lane.waiting.length === 0) {
      this.#arrivals += 1;
      lane.arrival = this.#arrivals;
      lane.tag = Math.max(lane.tag, this.#now);
    }
    const before = lane.waiting.findLastIndex((other) => other.rank <= request.rank);
    lane.waiting.splice(before + 1, 0, request);
  }

  remove(request: T): void {
    const lane = this.#lanes.get(request.lane);
    if (lane) lane.waiting = lane.waiting.filter((other) => other !== request);
  }

  /** The first of each lane whose first has this rank, in the order of their turns. */
  heads(rank: number): T[] {
    // All but sorted from the last time, which costs one comparison a lane.
    this.#order.sort((one, other) => one.tag - other.tag || one.arrival - other.arrival);
    const heads: T[] = [];
    for (const { waiting } of this.#order) {
      const head = waiting[0];
      if (head !== undefined && head.rank === rank) heads.push(head);
    }
    return heads;
  }

  /** Takes the first of a lane out, because it starts; returns the one behind it. */
  start({ lane: name }: T): T | undefined {
    const lane = this.#lane(name);
    lane.waiting.shift();
    this.#now = Math.max(this.#now, lane.tag);
    lane.tag += 1;
    return lane.waiting[0];
  }

  /** Forgets lanes whose turn has long come and that have nothing to send. */
  sweep(): void {
    for (const [name, { waiting, tag }] of this.#lanes) {
      if (waiting.length === 0 && tag <= this.#now) this.#lanes.delete(name);
    }
    this.#order = [...this.#lanes.values()];
  }

  #lane(name: string): Lane<T> {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane = { waiting: [], tag: this.#now, arrival: 0 };
    this.#lanes.set(name, lane);
    this.#order.push(lane);
    return lane;
  }
}
