import type { CalendarFact, EventFact, OccurrenceFact } from '../core/facts.ts';
import type { AddressBook } from '../core/types.ts';
import { cutoffMs, eventRule, pairCalendars, yearsFrom } from './calendar-rules.ts';
import { readCalendars, readEvents, readOccurrences } from './calendar-sides.ts';
import {
  type EventPair,
  instant,
  isException,
  likenessKey,
  type PairedEvents,
  pairEvents,
  translationOf,
  uidOf,
} from './event-pairing.ts';
import type { Difference, JobCheck, Unit } from './job-check.ts';
import type { EndsOf } from './mail.ts';
import { changedAfter, type LeftOut } from './mail-rules.ts';
import { compareOccurrence } from './occurrence-fields.ts';
import { compareOccurrences, startKey } from './occurrences.ts';

/**
 * Compares all calendars of one principal. Units are single events, series masters and exceptions; whether an event
 * that is there is also right is told by its occurrences in UTC, as both services expand them.
 */
export async function compareCalendars(check: JobCheck, ends: EndsOf, addresses: AddressBook): Promise<void> {
  const source = await readCalendars(check, ends, 'source');
  const target = await readCalendars(check, ends, 'target');
  for (const [calendar, counterpart] of pairCalendars(source, target))
    await new CalendarComparison(check, ends, addresses, calendar, counterpart).run();
}

type Occurrences = Map<string, OccurrenceFact[]>;
type Expanded = { source: Occurrences; target: Occurrences };

class CalendarComparison {
  readonly #check: JobCheck;
  readonly #ends: EndsOf;
  readonly #addresses: AddressBook;
  readonly #calendar: CalendarFact;
  readonly #counterpart: CalendarFact | null;
  readonly #span: { fromMs: number; toMs: number };
  readonly #cutoffMs: number;
  /** Occurrences that a missing or left-out exception accounts for, by side, series and start. */
  readonly #accounted = new Set<string>();
  /** Starts of exceptions, by series. */
  readonly #exceptionStarts = new Map<string, Set<string>>();

  constructor(
    check: JobCheck,
    ends: EndsOf,
    addresses: AddressBook,
    calendar: CalendarFact,
    counterpart: CalendarFact | null,
  ) {
    this.#check = check;
    this.#ends = ends;
    this.#addresses = addresses;
    this.#calendar = calendar;
    this.#counterpart = counterpart;
    const { policy } = ends.organisation;
    const { yearsBack, yearsAhead } = policy.reconcile.window;
    this.#span = { fromMs: yearsFrom(ends.asOfMs, -yearsBack), toMs: yearsFrom(ends.asOfMs, yearsAhead) };
    this.#cutoffMs = cutoffMs(policy, ends.asOfMs);
  }

  async run(): Promise<void> {
    const { source, leftOut } = await this.#readSource();
    const target = this.#counterpart === null ? [] : await this.#read('target', this.#counterpart);
    const paired = pairEvents(source, target, this.#calendar.primary);
    const expanded = await this.#expand(paired);
    const lateUids = await this.#uidsAfterCutoff(paired);
    this.#check.store.transaction(() => {
      this.#settleLeftOut(leftOut, paired);
      this.#settleExceptions(paired, expanded, lateUids);
      this.#settleRoots(paired, expanded, lateUids);
      this.#settleUnclaimed(paired);
    });
  }

  #read(side: 'source' | 'target', calendar: CalendarFact) {
    return readEvents(this.#check, this.#ends, side, calendar);
  }

  /** What is expected at the target, and what a rule leaves out; exceptions share the lot of their series. */
  async #readSource() {
    const events = await this.#read('source', this.#calendar);
    this.#check.count(events.length);
    const source: EventFact[] = [];
    const leftOut: { event: EventFact; left: LeftOut }[] = [];
    const { policy } = this.#ends.organisation;
    const bySeries = new Map<string, LeftOut>();
    for (const event of events) {
      const left = eventRule(event, this.#calendar, policy);
      if (event.type === 'master' && left !== null) bySeries.set(uidOf(event), left);
    }
    for (const event of events) {
      const series = isException(event) ? bySeries.get(uidOf(event)) : undefined;
      const left = series ?? eventRule(event, this.#calendar, policy);
      if (left === null) source.push(event);
      else leftOut.push({ event, left });
    }
    return { source, leftOut };
  }

  async #expand({ roots }: PairedEvents): Promise<Expanded | null> {
    const counterpart = this.#counterpart;
    if (this.#ends.depth === 'counts' || counterpart === null) return null;
    if (roots.every(({ target }) => target === null)) return null;
    const read = (side: 'source' | 'target', calendar: CalendarFact) =>
      readOccurrences(this.#check, this.#ends, side, calendar, this.#span);
    return { source: await read('source', this.#calendar), target: await read('target', counterpart) };
  }

  /** Absent series that began before the cut-off are left out only if nothing of them falls after it. */
  async #uidsAfterCutoff({ roots }: PairedEvents): Promise<ReadonlySet<string>> {
    const isOld = ({ source, target }: EventPair) =>
      target === null && source.type === 'master' && Date.parse(source.endUtc) < this.#cutoffMs;
    if (!roots.some(isOld)) return new Set();
    const span = { fromMs: this.#cutoffMs, toMs: this.#span.toMs };
    const found = await readOccurrences(this.#check, this.#ends, 'source', this.#calendar, span);
    const late = [...found].filter(([, list]) => list.some(({ end }) => Date.parse(end) >= this.#cutoffMs));
    return new Set(late.map(([uid]) => uid));
  }

  #settleLeftOut(leftOut: readonly { event: EventFact; left: LeftOut }[], paired: PairedEvents): void {
    for (const { event, left } of leftOut) {
      const unit = this.#unit(event);
      const found = this.#takeLike(event, paired);
      if (isException(event)) this.#account(event);
      if (found !== null && left.fate === 'unsupported') {
        this.#check.settle(unit, 'arrived');
        continue;
      }
      this.#check.settle(unit, left.fate, { rule: left.rule });
      if (found !== null && !changedAfter(event, this.#ends.asOfMs))
        this.#check.surplus(this.#unit(found), { code: 'excluded-but-present', field: left.rule });
    }
  }

  #takeLike(event: EventFact, paired: PairedEvents): EventFact | null {
    if (isException(event)) return null;
    const index = paired.unclaimedRoots.findIndex(
      (candidate) =>
        likenessKey(candidate) === likenessKey({ ...event, type: candidate.type }) ||
        (event.uid !== null && uidOf(candidate) === uidOf(event)),
    );
    return index < 0 ? null : (paired.unclaimedRoots.splice(index, 1)[0] ?? null);
  }

  #settleExceptions(paired: PairedEvents, expanded: Expanded | null, lateUids: ReadonlySet<string>): void {
    const translation = translationOf([...paired.roots, ...paired.exceptions]);
    for (const { source } of paired.exceptions) {
      const starts = this.#exceptionStarts.get(uidOf(source)) ?? new Set();
      this.#exceptionStarts.set(uidOf(source), starts.add(instant(source.startUtc)));
    }
    const absent = paired.roots.filter(({ target }) => target === null);
    const absentRoots = new Map(absent.map(({ source }) => [uidOf(source), source]));
    for (const { source, target } of paired.exceptions) {
      const unit = this.#unit(source);
      if (target !== null || this.#showsAsWanted(source, translation, expanded)) {
        this.#check.settle(unit, 'arrived');
        continue;
      }
      this.#account(source);
      const root = absentRoots.get(uidOf(source)) ?? source;
      if (changedAfter(source, this.#ends.asOfMs)) this.#check.settle(unit, 'changedSince');
      else if (this.#isTooOld(source, lateUids) || this.#isTooOld(root, lateUids))
        this.#check.settle(unit, 'excluded', { rule: 'years-back' });
      else this.#missException(unit, source);
    }
  }

  #missException(unit: Unit, { originalStart }: EventFact): void {
    const sourceValue = originalStart ?? '';
    this.#check.miss(unit, { code: 'exception-missing', field: 'original-start', sourceValue });
  }

  /** An exception that the target needs none for: its occurrence shows there as it should. */
  #showsAsWanted(
    event: EventFact,
    translation: ReadonlyMap<string, ReadonlySet<string>>,
    expanded: Expanded | null,
  ): boolean {
    if (expanded === null) return false;
    const key = startKey({ start: event.startUtc, allDay: event.allDay });
    const uid = uidOf(event);
    const wanted = expanded.source.get(uid)?.find((occurrence) => startKey(occurrence) === key);
    const found = [...(translation.get(uid) ?? [])]
      .flatMap((target) => expanded.target.get(target) ?? [])
      .find((occurrence) => startKey(occurrence) === key);
    if (wanted === undefined || found === undefined) return false;
    return compareOccurrence(wanted, found, { ...this.#scope(), isException: true }).length === 0;
  }

  #settleRoots(paired: PairedEvents, expanded: Expanded | null, lateUids: ReadonlySet<string>): void {
    const translation = translationOf([...paired.roots, ...paired.exceptions]);
    const told = new Set<string>();
    for (const { source, target } of paired.roots) {
      const unit = this.#unit(source);
      const isLater = changedAfter(source, this.#ends.asOfMs);
      if (target === null) {
        if (isLater) this.#check.settle(unit, 'changedSince');
        else if (this.#isTooOld(source, lateUids))
          this.#check.settle(unit, 'excluded', { rule: 'years-back' });
        else this.#check.miss(unit, { code: 'event-missing', sourceValue: source.startUtc });
        continue;
      }
      const uid = uidOf(source);
      const differences =
        expanded === null || told.has(uid) ? [] : this.#compareFamily(uid, paired, translation, expanded);
      told.add(uid);
      if (differences.length > 0 && isLater) this.#check.settle(unit, 'changedSince');
      else {
        this.#check.settle(unit, 'arrived', { differs: differences.length > 0 });
        for (const difference of differences) this.#check.differ(unit, difference);
      }
    }
  }

  /** Occurrences of one UID; what a missing event, exception or a doubled event explains is not told twice. */
  #compareFamily(
    uid: string,
    paired: PairedEvents,
    translation: ReadonlyMap<string, ReadonlySet<string>>,
    expanded: Expanded,
  ): Difference[] {
    const targets = [...(translation.get(uid) ?? [])];
    const open = (side: string) => (occurrence: OccurrenceFact) =>
      !this.#accounted.has(`${side} ${uid} ${startKey(occurrence)}`);
    const source = (expanded.source.get(uid) ?? []).filter(open('source'));
    const target = targets.flatMap((id) => expanded.target.get(id) ?? []).filter(open('target'));
    const exceptionStarts = this.#exceptionStarts.get(uid) ?? new Set<string>();
    const differences = compareOccurrences(source, target, {
      ...this.#scope(),
      ...this.#span,
      exceptionStarts,
    });
    const isIncomplete = paired.roots.some((pair) => pair.target === null && uidOf(pair.source) === uid);
    const isDoubled = paired.unclaimedRoots.some((event) => targets.includes(uidOf(event)));
    return differences.filter(({ code, field }) => {
      if (isIncomplete && code === 'occurrence-missing') return false;
      if (isDoubled && (code === 'occurrence-duplicate' || code === 'occurrence-extra')) return false;
      // A room may hide the subjects that the organiser's copy shows.
      return !(this.#check.principal.kind === 'room' && field === 'summary');
    });
  }

  #settleUnclaimed({ roots, unclaimedRoots }: PairedEvents): void {
    const claimed = roots.flatMap(({ target }) => target ?? []);
    const uids = new Set(claimed.flatMap((event) => (event.uid === null ? [] : [uidOf(event)])));
    const likes = new Set(claimed.map(likenessKey));
    for (const event of unclaimedRoots) {
      const isDuplicate = uids.has(uidOf(event)) || likes.has(likenessKey(event));
      if (!isDuplicate && (event.createdAt ?? 0) > this.#ends.asOfMs) continue;
      const code = isDuplicate ? 'event-duplicate' : 'event-extra';
      this.#check.surplus(this.#unit(event), { code, targetValue: event.startUtc });
    }
  }

  #isTooOld(event: EventFact, lateUids: ReadonlySet<string>): boolean {
    if (!(Date.parse(event.endUtc) < this.#cutoffMs)) return false;
    return event.type !== 'master' || !lateUids.has(uidOf(event));
  }

  /** Neither the date of an absent exception nor the one it replaces is looked at again. */
  #account(event: EventFact): void {
    const uid = uidOf(event);
    for (const start of [event.startUtc, event.originalStart ?? event.startUtc])
      for (const allDay of [true, false])
        for (const side of ['source', 'target'])
          this.#accounted.add(`${side} ${uid} ${startKey({ start, allDay })}`);
  }

  #scope() {
    const { principal } = this.#check;
    const primary = this.#calendar.primary;
    return { principal, addresses: this.#addresses, primary, asOfMs: this.#ends.asOfMs };
  }

  #unit({ id, uid, originalStart }: EventFact): Unit {
    const identity = [uid ?? '', originalStart ?? ''].filter((part) => part !== '').join(' ');
    return { container: this.#calendar.name, containerKey: this.#calendar.id, item: id, identity };
  }
}
