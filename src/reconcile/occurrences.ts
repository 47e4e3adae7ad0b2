import type { OccurrenceFact } from '../core/facts.ts';
import { instant } from './event-pairing.ts';
import type { Difference } from './job-check.ts';
import { compareOccurrence, type OccurrenceScope } from './occurrence-fields.ts';

/** How many dates a finding about a series names before it only counts them. */
const NAMED_DATES = 3;

export interface FamilyScope extends Omit<OccurrenceScope, 'isException'> {
  /** Bounds of the comparison in UTC milliseconds; both sides are read a day wider. */
  fromMs: number;
  toMs: number;
  /** Starts of the source's exceptions, in one spelling. */
  exceptionStarts: ReadonlySet<string>;
}

/**
 * Compares all occurrences of one event. Differences of the same kind and field over many dates are one finding that
 * names the first few.
 */
export function compareOccurrences(
  source: readonly OccurrenceFact[],
  target: readonly OccurrenceFact[],
  scope: FamilyScope,
): Difference[] {
  const { pairs, missing, surplus, doubled } = pairByStart(source, target);
  const shifted = pairNearest(missing, surplus);
  const found: Difference[] = [];
  const core = (occurrence: OccurrenceFact) => isInside(occurrence, scope);
  for (const [a, b] of pairs) {
    if (!core(a)) continue;
    const isException = scope.exceptionStarts.has(instant(a.start));
    found.push(...compareOccurrence(a, b, { ...scope, isException }));
  }
  for (const [a, b] of shifted)
    if (core(a) || core(b))
      found.push({ code: 'occurrence-shifted', field: 'start', sourceValue: a.start, targetValue: b.start });
  for (const { start } of missing.filter(core))
    found.push({ code: 'occurrence-missing', field: 'start', sourceValue: start });
  for (const { start } of surplus.filter(core))
    found.push({ code: 'occurrence-extra', field: 'start', targetValue: start });
  for (const { start } of doubled.filter(core))
    found.push({ code: 'occurrence-duplicate', field: 'start', targetValue: start });
  return gather(found);
}

function pairByStart(source: readonly OccurrenceFact[], target: readonly OccurrenceFact[]) {
  const free = Map.groupBy(target, startKey);
  const taken = new Set<string>();
  const pairs: [OccurrenceFact, OccurrenceFact][] = [];
  const missing: OccurrenceFact[] = [];
  for (const occurrence of source) {
    const key = startKey(occurrence);
    const found = takeLikest(free.get(key) ?? [], occurrence);
    if (found === undefined) missing.push(occurrence);
    else pairs.push([occurrence, found]);
    taken.add(key);
  }
  const left = [...free].flatMap(([key, list]) => list.map((occurrence) => ({ key, occurrence })));
  const doubled = left.filter(({ key }) => taken.has(key)).map(({ occurrence }) => occurrence);
  const surplus = left.filter(({ key }) => !taken.has(key)).map(({ occurrence }) => occurrence);
  return { pairs, missing, surplus, doubled };
}

/** Takes out of a list the occurrence with the same end and summary, else any. */
function takeLikest(list: OccurrenceFact[], like: OccurrenceFact): OccurrenceFact | undefined {
  const index = list.findIndex(
    ({ end, summary }) => instant(end) === instant(like.end) && summary === like.summary,
  );
  return list.splice(Math.max(0, index), 1)[0];
}

/** Moves what is nearest on the two sides out of both lists: a date that moved is not one lost and one gained. */
function pairNearest(
  missing: OccurrenceFact[],
  surplus: OccurrenceFact[],
): [OccurrenceFact, OccurrenceFact][] {
  const pairs: [OccurrenceFact, OccurrenceFact][] = [];
  while (missing.length > 0 && surplus.length > 0) {
    const short = missing.length <= surplus.length ? missing : surplus;
    const long = short === missing ? surplus : missing;
    const one = short.shift();
    if (one === undefined) break;
    let nearest = 0;
    for (const [index, other] of long.entries())
      if (distance(one, other) < distance(one, long[nearest] ?? other)) nearest = index;
    const other = long.splice(nearest, 1)[0];
    if (other !== undefined) pairs.push(short === missing ? [one, other] : [other, one]);
  }
  return pairs;
}

function distance(a: OccurrenceFact, b: OccurrenceFact): number {
  return Math.abs(Date.parse(a.start) - Date.parse(b.start));
}

/** What two occurrences of one event share when they begin at the same time. */
export function startKey({ start, allDay }: Pick<OccurrenceFact, 'start' | 'allDay'>): string {
  return allDay ? `day ${start.slice(0, 10)}` : instant(start);
}

function isInside({ start }: OccurrenceFact, { fromMs, toMs }: FamilyScope): boolean {
  const ms = Date.parse(start);
  return ms >= fromMs && ms < toMs;
}

/** One difference for each code and field. */
function gather(differences: readonly Difference[]): Difference[] {
  const groups = Map.groupBy(differences, ({ code, field }) => `${code} ${field}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const sourceValue = some(group.map((difference) => difference.sourceValue));
    const targetValue = some(group.map((difference) => difference.targetValue));
    return [{ ...first, sourceValue, targetValue }];
  });
}

function some(values: readonly (string | undefined)[]): string {
  const given = [...new Set(values.flatMap((value) => value ?? []))];
  const more = given.length - NAMED_DATES;
  return given.slice(0, NAMED_DATES).join('; ') + (more > 0 ? ` (and ${more} more)` : '');
}
