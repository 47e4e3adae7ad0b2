import type { Clock } from '../../src/core/clock.ts';
import { Rejected } from '../../src/core/errors.ts';
import type { Target } from '../../src/core/ports.ts';
import type { Job, Receipt } from '../../src/core/types.ts';

export interface LabelPut {
  kind: 'label';
  name: string;
}

export interface MessagePut {
  kind: 'message';
  identity: string;
  body: string | null;
  labels: readonly string[];
  variant: number;
}

export type MailPut = LabelPut | MessagePut;

/** A message as the target keeps it. */
export interface Stored {
  id: string;
  identity: string;
  body: string;
  labels: readonly string[];
  visibleAtTicks: number;
}

export type Landed = () => Receipt;

/**
 * A target that does not de-duplicate: each create makes a message, and a search sees it late. `send` stands for the
 * wire: it decides whether and when the write lands and what the caller hears.
 */
export class MailTenant implements Target<MailPut> {
  readonly messages: Stored[] = [];
  readonly puts: { key: string; created: boolean }[] = [];
  readonly finds: string[] = [];
  visibleMs = 120_000;
  /** How late a search sees a write that lands now. */
  lateMs: () => number = () => 0;
  send: (key: string, value: MailPut, land: Landed) => Promise<Receipt> = async (_key, _value, land) =>
    land();
  beforeFind: () => Promise<void> = async () => {};
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(_job: Job, key: string, value: MailPut, prior: Receipt | null): Promise<Receipt> {
    return this.send(key, value, () => {
      if (value.kind === 'label') return { targetId: value.name, wrote: { name: value.name } };
      this.puts.push({ key, created: prior === null });
      return prior === null ? this.#create(value) : this.#update(value, prior);
    });
  }

  async find(_job: Job, key: string, value: MailPut, settled: ReadonlySet<string>): Promise<Receipt | null> {
    await this.beforeFind();
    if (value.kind === 'label') return null;
    this.finds.push(key);
    const now = this.#clock.ticks();
    const found = this.messages.find(
      ({ id, identity, visibleAtTicks }) =>
        identity === value.identity && visibleAtTicks <= now && !settled.has(id),
    );
    return found ? { targetId: found.id, wrote: { labels: found.labels } } : null;
  }

  visibleAfterMs(value: MailPut): number {
    return value.kind === 'label' ? 0 : this.visibleMs;
  }

  #create({ identity, body, labels }: MessagePut): Receipt {
    if (body === null) throw new Rejected({ code: 'no-content', message: 'created without a body' });
    const id = `t${this.messages.length + 1}`;
    const visibleAtTicks = this.#clock.ticks() + this.lateMs();
    this.messages.push({ id, identity, body, labels, visibleAtTicks });
    return { targetId: id, wrote: { labels } };
  }

  #update({ labels }: MessagePut, { targetId }: Receipt): Receipt {
    const stored = this.messages.find(({ id }) => id === targetId);
    if (stored === undefined) throw new Rejected({ code: 'deleted-at-target', message: 'not there' });
    stored.labels = labels;
    return { targetId, wrote: { labels } };
  }
}
