import { AmbiguousWrite, Rejected, Throttled, Transient } from '../../src/core/errors.ts';
import type { AnyWorkload, Ledger } from '../../src/core/ports.ts';
import { runPass } from '../../src/engine/pass.ts';
import { FastLedger } from '../support/fast-ledger.ts';
import { IdleClock } from '../support/idle-clock.ts';
import { job } from '../support/jobs.ts';
import { MailEstate } from '../support/mail-estate.ts';
import { type Landed, type MailPut, MailTenant } from '../support/mail-tenant.ts';
import { mailWorkload } from '../support/mail-workload.ts';

const ANN = job();
const FOLDERS = ['archive', 'inbox', 'junk', 'projects'];
const MESSAGES = 40;
const MOST_PASSES = 60;
/** A request that was sent may land so long after its process died. */
const FLIGHT_MS = 30_000;
const LATE_MS = 60_000;

class Crash extends Error {}

/** Changes to the protocol that the model has to notice. */
export interface Mutation {
  ledger?: (ledger: Ledger, between: () => Promise<void>) => Partial<Ledger>;
  workload?: (workload: AnyWorkload) => AnyWorkload;
}

export interface Verdict {
  lost: number;
  copies: number;
  /** Messages that are there once and in the wrong places. */
  misplaced: number;
  crashes: number;
  /** Items that are neither settled nor gone in the end, or whose outcome is wrong. */
  wrong: number;
}

/** One random life of a mailbox: passes that crash, answers that are lost, changes in between. */
export async function liveOnce(seed: number, mutation: Mutation = {}): Promise<Verdict> {
  const world = new CrashWorld(seed, mutation);
  await world.live();
  return world.judge();
}

class CrashWorld {
  readonly #random: () => number;
  readonly #clock = new IdleClock();
  readonly #estate = new MailEstate(FOLDERS);
  readonly #tenant = new MailTenant(this.#clock);
  readonly #ledger = new FastLedger();
  readonly #poisoned = new Set<string>();
  readonly #places = new Map<string, Set<string>>();
  readonly #mutation: Mutation;
  readonly #crashRate: number;
  readonly #lossRate: number;
  #isDead = false;
  #hasFaults = true;
  #crashes = 0;
  #added = 0;

  constructor(seed: number, mutation: Mutation) {
    this.#random = mulberry32(seed);
    this.#mutation = mutation;
    this.#crashRate = this.#pick([0.001, 0.004, 0.01]);
    this.#lossRate = this.#pick([0.02, 0.1, 0.3]);
    this.#estate.itemsAPage = 1 + Math.floor(this.#random() * 15);
    this.#estate.beforeGet = () => this.#step();
    this.#estate.beforePage = () => this.#step();
    this.#tenant.beforeFind = () => this.#step();
    this.#tenant.lateMs = () => this.#random() * LATE_MS;
    this.#tenant.send = (_key, value, land) => this.#send(value, land);
    while (this.#added < MESSAGES) this.#addMail();
  }

  async live(): Promise<void> {
    const eventful = 2 + Math.floor(this.#random() * 4);
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      this.#hasFaults = pass < eventful + 2;
      const open = await this.#runOnce();
      if (pass < eventful) this.#changeSomething();
      else if (open === 0) return;
      this.#clock.skip(this.#pick([0, 1_000, 300_000, 7_200_000]));
    }
  }

  /** Open items at the end of a pass; infinite when it did not get that far. */
  async #runOnce(): Promise<number> {
    this.#isDead = false;
    const built = mailWorkload(this.#estate, this.#tenant) as AnyWorkload;
    const workload = this.#mutation.workload?.(built) ?? built;
    try {
      const { open, stopped } = await runPass({
        jobs: [ANN],
        workload: () => workload,
        ledger: this.#crashingLedger(),
        clock: this.#clock,
        signal: new AbortController().signal,
      });
      return this.#isDead || stopped.length > 0 ? Number.POSITIVE_INFINITY : open;
    } catch (error) {
      if (!this.#isDead) throw error;
      return Number.POSITIVE_INFINITY;
    }
  }

  /** A crash may come before any call of a port and after it. */
  async #step(): Promise<void> {
    if (this.#isDead) throw new Crash();
    if (!this.#hasFaults) return;
    if (this.#random() < 0.05) await this.#clock.wait(this.#random() * 500);
    if (!this.#isDead && this.#random() < this.#crashRate) this.#crash();
    if (this.#isDead) throw new Crash();
  }

  #crash(): void {
    this.#isDead = true;
    this.#crashes += 1;
  }

  #crashingLedger(): Ledger {
    const step = () => this.#step();
    const mutated = this.#mutation.ledger?.(this.#ledger, step) ?? {};
    return new Proxy(this.#ledger, {
      get: (ledger, name) => {
        const own = Reflect.get(mutated, name) ?? Reflect.get(ledger, name);
        if (typeof own !== 'function' || name === 'progress') return bound(own, ledger);
        return async (...given: unknown[]) => {
          await step();
          const result: unknown = await own.apply(ledger, given);
          await step();
          return result;
        };
      },
    });
  }

  /** The wire: held back by throttles, refused, lost on the way there or on the way back, or answered. */
  async #send(value: MailPut, land: Landed) {
    await this.#step();
    if (this.#hasFaults && this.#random() < 0.05) await this.#clock.wait(this.#random() * 900_000);
    if (this.#isDead) throw new Crash();
    if (value.kind === 'message' && this.#poisoned.has(value.identity))
      throw new Rejected({ code: 'invalid', message: 'refused' });
    const fate = this.#hasFaults ? this.#random() / this.#lossRate : 1;
    if (fate < 0.2) throw new Throttled({ code: 'throttled', message: 'not sent' });
    if (fate < 0.4) throw new AmbiguousWrite({ code: 'lost', message: 'lost on the way there' });
    const receipt = land();
    if (this.#hasFaults && this.#random() < 0.3) await this.#clock.wait(this.#random() * FLIGHT_MS);
    if (fate < 0.8) throw new AmbiguousWrite({ code: 'lost', message: 'lost on the way back' });
    if (fate < 1 && this.#hasFaults)
      throw new Transient({ code: 'reset', message: 'reset after the effect' });
    await this.#step();
    return receipt;
  }

  #addMail(): void {
    this.#added += 1;
    const key = `m${this.#added}`;
    const folder = this.#pick(FOLDERS);
    const others = [...this.#estate.mails.values()];
    const other = others.length > 0 && this.#random() < 0.3 ? this.#pick(others) : null;
    const read = this.#random() < 0.5;
    if (other === null) {
      const identity = this.#random() < 0.1 ? null : `id-${key}`;
      if (identity !== null && this.#random() < 0.05) this.#poisoned.add(identity);
      this.#estate.add({ key, folder, read, identity, body: `body-${key}`, order: this.#added });
    } else if (this.#random() < 0.7) {
      const { identity, body, order } = other;
      const own = identity === null ? `body-${key}` : body;
      this.#estate.add({ key, folder, read, identity, body: own, order });
    } else {
      const { identity } = other;
      this.#estate.add({ key, folder, read, identity, body: `body-${key}`, order: this.#added });
    }
    this.#remember(key);
  }

  #changeSomething(): void {
    const changes = Math.floor(this.#random() * 6);
    for (let change = 0; change < changes; change += 1) {
      const keys = [...this.#estate.mails.keys()];
      const key = this.#pick(keys);
      const kind = this.#random();
      if (kind < 0.35) this.#estate.change(key, { folder: this.#pick(FOLDERS) });
      else if (kind < 0.6) this.#estate.change(key, { read: this.#random() < 0.5 });
      else if (kind < 0.8) this.#addMail();
      else this.#estate.remove(key);
      if (this.#estate.mails.has(key)) this.#remember(key);
    }
  }

  /** Every place a message ever had: what is gone at the source may keep its label. */
  #remember(key: string): void {
    const mail = this.#estate.mails.get(key)!;
    const name = `${mail.identity ?? mail.key}\n${mail.body}`;
    const places = this.#places.get(name) ?? new Set();
    this.#places.set(name, places.add(mail.folder));
  }

  async judge(): Promise<Verdict> {
    const verdict = { lost: 0, copies: 0, misplaced: 0, crashes: this.#crashes, wrong: 0 };
    const expected = new Map<string, { folders: Set<string>; hasGone: boolean }>();
    for (const name of this.#places.keys()) expected.set(name, { folders: new Set(), hasGone: true });
    for (const { key, identity, body, folder } of this.#estate.mails.values()) {
      if (folder !== 'junk') expected.get(`${identity ?? key}\n${body}`)!.folders.add(folder);
      await this.#judgeItem(key, verdict);
    }
    for (const [name, { folders }] of expected) {
      const [identity, body] = name.split('\n');
      const there = this.#tenant.messages.filter((each) => each.identity === identity && each.body === body);
      if (there.length > 1) verdict.copies += there.length - 1;
      if (folders.size === 0 || this.#poisoned.has(identity!)) continue;
      if (there.length === 0) verdict.lost += 1;
      else if (!this.#isInPlace(name, folders, there[0]!.labels)) verdict.misplaced += 1;
    }
    return verdict;
  }

  #isInPlace(name: string, folders: ReadonlySet<string>, labels: readonly string[]): boolean {
    const ever = this.#places.get(name)!;
    const places = labels.filter((label) => label !== 'UNREAD');
    return (
      [...folders].every((folder) => labels.includes(folder)) && places.every((place) => ever.has(place))
    );
  }

  async #judgeItem(key: string, verdict: Verdict): Promise<void> {
    const mail = this.#estate.mails.get(key)!;
    const row = await this.#ledger.item(ANN, key);
    const isPoisoned = mail.identity !== null && this.#poisoned.has(mail.identity);
    const right = mail.folder === 'junk' ? ['excluded'] : isPoisoned ? ['failed'] : ['written', 'merged'];
    if (row === null || !right.includes(row.status)) verdict.wrong += 1;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!;
  }
}

function bound(value: unknown, owner: object): unknown {
  return typeof value === 'function' ? value.bind(owner) : value;
}

/** A small seeded generator, so that a seed that fails can be run again. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
