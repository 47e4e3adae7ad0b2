import { beforeEach, describe, expect, it } from 'vitest';
import { Interrupted, Throttled } from '../../src/core/errors.ts';
import { Admission, type Ask, type Ticket } from '../../src/transport/admission.ts';
import { Fences } from '../../src/transport/fence.ts';
import { gcraRule, RateBuckets } from '../../src/transport/gcra.ts';
import { Slots } from '../../src/transport/slots.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';

let clock: VirtualClock;
let fences: Fences;
let slots: Slots;
let admission: Admission;
let started: { name: string; at: number; ticket: Ticket }[];
const never = new AbortController().signal;

function ask(key: string, units = 0, bucket = 'mailbox'): Ask {
  return { bucket, id: `${bucket}\n${key}`, units };
}

function enter(name: string, asks: readonly Ask[], rank = 1, signal = never): Promise<void> {
  return admission.enter({ asks, rank, signal }, async (ticket) => {
    started.push({ name, at: clock.ticks(), ticket });
  });
}

function names(): string[] {
  return started.map(({ name }) => name);
}

beforeEach(() => {
  clock = virtualClock();
  fences = new Fences();
  slots = new Slots(new Map([['mailbox', 4]]));
  started = [];
  const rules = new Map([
    ['mailbox', gcraRule({ units: 100, windowMs: 1000 }, 1)],
    ['project', gcraRule({ units: 20, windowMs: 10_000 }, 1)],
  ]);
  admission = new Admission({ clock, fences, slots, rates: new RateBuckets(rules, -60_000) });
});

describe('fences', () => {
  it('holds every request of a closed bucket until it opens, and no other bucket', async () => {
    fences.close('mailbox\nann', 5000);

    void enter('ann', [ask('ann')]);
    void enter('bob', [ask('bob')]);
    await clock.advance(4999);
    const early = names();
    await clock.advance(1);

    expect(early).toEqual(['bob']);
    expect(started.map(({ name, at }) => [name, at])).toEqual([
      ['bob', 0],
      ['ann', 5000],
    ]);
  });

  it('looks again after waiting, so that a fence moved outwards meanwhile is kept', async () => {
    fences.close('mailbox\nann', 1000);
    void enter('ann', [ask('ann')]);
    await clock.advance(500);

    fences.close('mailbox\nann', 3000);
    await clock.advance(2000);
    const early = names();
    await clock.advance(500);

    expect(early).toEqual([]);
    expect(started[0]?.at).toBe(3000);
  });

  it('keeps requests that waited for a slot behind a fence that fell meanwhile', async () => {
    void enter('first', [ask('ann')]);
    void enter('second', [ask('ann')]);
    void enter('third', [ask('ann')]);
    await clock.advance(10);

    fences.close('mailbox\nann', 2000);
    started[0]?.ticket.release('throttled');
    started[1]?.ticket.release('throttled');
    await clock.advance(1989);
    const early = names();
    await clock.advance(1);

    expect(early).toEqual(['first', 'second']);
    expect(started[2]?.at).toBe(2000);
  });

  it('keeps requests that waited for the rate behind a fence that fell meanwhile', async () => {
    void enter('dear', [ask('p', 1, 'project')]);
    void enter('next', [ask('p', 1, 'project')]);
    await clock.advance(10);

    fences.close('project\np', 8000);
    await clock.advance(20_000);

    expect(started.map(({ at }) => at)).toEqual([0, 8000]);
  });

  it('turns requests away where the closing lasts longer than its patience, as soon as the reason is known', async () => {
    const rates = new RateBuckets(new Map(), 0);
    admission = new Admission({ clock, fences, slots, rates, patienceMs: 60_000 });
    fences.close('mailbox\nann', 7_200_000);
    const ann = enter('ann', [ask('ann')]);
    void enter('bob', [ask('bob')]);
    await clock.advance(10);
    const why = new Throttled({ code: 'bandwidth', message: 'too much', status: 429 });

    fences.close('mailbox\nann', 7_200_000, why);
    void enter('cy', [ask('cy')]);

    await expect(ann).rejects.toMatchObject({
      name: 'Throttled',
      code: 'bandwidth',
      scope: 'job',
      cause: why,
    });
    await expect(enter('ann', [ask('ann')])).rejects.toThrow('to be resumed after 2027-01-01T02:00:00.000Z');
    expect(names()).toEqual(['bob', 'cy']);
  });

  it('is not shortened by a shorter closing, and a closing taken back restores the one before', () => {
    fences.close('b', 500);
    fences.close('b', 100);
    const reopen = fences.close('b', 900);

    reopen();

    expect(fences.opensAt('b')).toBe(500);
  });
});

describe('order', () => {
  it('serves interactive and check before bulk, and first come first served within a rank', async () => {
    slots = new Slots(new Map([['mailbox', 1]]));
    admission = new Admission({ clock, fences, slots, rates: new RateBuckets(new Map(), 0) });
    for (const [name, rank] of [
      ['bulk 1', 1],
      ['bulk 2', 1],
      ['check 1', 0],
      ['check 2', 0],
    ] as const) {
      void enter(name, [ask('ann')], rank);
    }

    for (let turn = 0; turn < 4; turn += 1) {
      await clock.advance(1);
      started[turn]?.ticket.release('good');
    }

    expect(names()).toEqual(['check 1', 'check 2', 'bulk 1', 'bulk 2']);
  });

  it('does not let cheap requests of other mailboxes starve a dear one that shares their project', async () => {
    const project = (units: number) => ask('p', units, 'project');
    void enter('cheap 0', [ask('bob'), project(1)]);
    void enter('dear', [ask('ann'), project(10)]);
    for (let index = 1; index <= 20; index += 1)
      void enter(`cheap ${index}`, [ask(`cy ${index}`), project(1)]);

    await clock.advance(60_000);

    expect(names().slice(0, 3)).toEqual(['cheap 0', 'dear', 'cheap 1']);
  });

  it('lets mailboxes take turns at the quota they share, however long the queue of one is', async () => {
    const project = ask('p', 1, 'project');
    for (let index = 0; index < 30; index += 1) void enter('ann', [ask('ann'), project]);
    for (let index = 0; index < 3; index += 1) void enter('bob', [ask('bob'), project]);
    for (let index = 0; index < 3; index += 1) void enter('cy', [ask('cy'), project]);

    for (let turn = 0; turn < 12; turn += 1) {
      await clock.advance(1000);
      for (const { ticket } of started) ticket.release('good');
    }

    expect(names().slice(0, 9)).toEqual(['ann', 'bob', 'cy', 'ann', 'bob', 'cy', 'ann', 'bob', 'cy']);
  });

  it('gives a mailbox that comes late its turn at once, but nothing for the time it was away', async () => {
    const project = ask('p', 1, 'project');
    for (let index = 0; index < 30; index += 1) void enter('ann', [ask('ann'), project]);
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn += 1) {
        await clock.advance(600);
        for (const { ticket } of started) ticket.release('good');
      }
    };
    await turns(6);
    const before = started.length;

    for (let index = 0; index < 6; index += 1) void enter('bob', [ask('bob'), project]);
    await turns(6);

    const after = names().slice(before, before + 4);
    expect(before).toBeGreaterThan(3);
    expect([...after].sort()).toEqual(['ann', 'ann', 'bob', 'bob']);
  });

  it('serves the check before the bulk of every mailbox at a quota they share', async () => {
    const project = ask('p', 1, 'project');
    for (const name of ['ann', 'bob', 'cy']) void enter(`bulk ${name}`, [ask(name), project]);
    void enter('check dora', [ask('dora'), project], 0);
    void enter('check ann', [ask('ann'), project], 0);

    await clock.advance(60_000);

    expect(names()).toEqual(['check ann', 'check dora', 'bulk bob', 'bulk cy', 'bulk ann']);
  });

  it('does not let a closed mailbox hold up others that share its project', async () => {
    fences.close('mailbox\nann', 100_000);
    void enter('ann', [ask('ann'), ask('p', 1, 'project')]);
    void enter('bob', [ask('bob'), ask('p', 1, 'project')]);

    await clock.advance(1);

    expect(names()).toEqual(['bob']);
  });

  it('charges no rate while a request waits for a slot', async () => {
    for (let index = 0; index < 3; index += 1)
      void enter(`ann ${index}`, [ask('ann'), ask('p', 1, 'project')]);
    await clock.advance(5000);
    const waiting = names();

    started[0]?.ticket.release('good');
    await clock.advance(0);
    void enter('bob', [ask('bob'), ask('p', 1, 'project')]);
    await clock.advance(0);

    expect(waiting).toEqual(['ann 0', 'ann 1']);
    expect(started.at(-1)?.name).toBe('ann 2');
  });

  it('leaves the queue and rejects with Interrupted as soon as its signal aborts', async () => {
    const stop = new AbortController();
    fences.close('mailbox\nann', 1000);
    const stopped = enter('ann', [ask('ann')], 1, stop.signal);
    await clock.advance(10);

    stop.abort();

    await expect(stopped).rejects.toBeInstanceOf(Interrupted);
    await clock.advance(5000);
    expect(names()).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('slots', () => {
  const id = 'mailbox\nann';

  it('starts at two, grows by one per round of successes, and stays below the ceiling', () => {
    const limits = [slots.limit('mailbox', id)];
    for (let success = 0; success < 20; success += 1) {
      slots.grow('mailbox', id);
      limits.push(slots.limit('mailbox', id));
    }

    expect(limits.slice(0, 7)).toEqual([2, 2, 3, 3, 3, 4, 4]);
    expect(Math.max(...limits)).toBe(4);
  });

  it('halves on a throttle, once for all that were in flight together, never below one', () => {
    for (let success = 0; success < 10; success += 1) slots.grow('mailbox', id);

    const limits = [5, 6, 7, 100, 200].map((startedAt) => {
      slots.halve('mailbox', id, startedAt, Math.max(50, startedAt));
      return slots.limit('mailbox', id);
    });

    expect(limits).toEqual([2, 2, 2, 1, 1]);
  });

  it('starts at the ceiling where that is one, and knows no limit where a bucket has none', () => {
    const narrow = new Slots(new Map([['one', 1]]));

    expect(narrow.limit('one', 'one\nx')).toBe(1);
    expect(narrow.limit('other', 'other\nx')).toBe(Number.POSITIVE_INFINITY);
    expect(narrow.isFree('other', 'other\nx')).toBe(true);
  });

  it('never has more in flight than the limit', async () => {
    for (let index = 0; index < 10; index += 1) void enter(`${index}`, [ask('ann')]);
    await clock.advance(1);
    const atStart = started.length;
    started[0]?.ticket.release('good');
    started[1]?.ticket.release('good');
    await clock.advance(1);

    expect(atStart).toBe(2);
    expect(started).toHaveLength(2 + 3);
  });
});
