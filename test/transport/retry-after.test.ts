import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/transport/backoff.ts';
import { readRetryAfterMs } from '../../src/transport/retry-after.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const noon = Date.UTC(2027, 0, 1, 12);

describe('retry-after', () => {
  it.each([
    ['10', 10_000],
    ['0', 0],
    [' 7 ', 7000],
    ['1.5', 1500],
    ['Fri, 01 Jan 2027 12:00:30 GMT', 30_000],
    ['Friday, 01-Jan-27 12:00:30 GMT', 30_000],
    ['Fri Jan  1 12:00:30 2027 GMT', 30_000],
    ['Fri, 01 Jan 2027 11:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['-5', undefined],
    ['soon', undefined],
    ['12 apples', undefined],
    ['', undefined],
  ])('reads "%s" as %s ms', (text, expected) => {
    expect(readRetryAfterMs(new Headers({ 'retry-after': text }), virtualClock(noon))).toBe(expected);
  });

  it('is undefined without the header', () => {
    expect(readRetryAfterMs(new Headers(), virtualClock())).toBeUndefined();
  });

  it('counts a date from the date of the answer, so that the vendor clock may differ from ours', () => {
    const headers = new Headers({
      'retry-after': 'Fri, 01 Jan 2027 14:00:20 GMT',
      date: 'Fri, 01 Jan 2027 14:00:00 GMT',
    });

    expect(readRetryAfterMs(headers, virtualClock(noon))).toBe(20_000);
  });

  it('takes seconds as scaled time and a date as wall-clock time', () => {
    const clock = virtualClock(noon, 100);

    expect(readRetryAfterMs(new Headers({ 'retry-after': '10' }), clock)).toBe(10_000);
    expect(readRetryAfterMs(new Headers({ 'retry-after': 'Fri, 01 Jan 2027 12:00:10 GMT' }), clock)).toBe(
      1_000_000,
    );
  });
});

describe('backoff', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [5, 16_000],
    [7, 60_000],
    [500, 60_000],
  ])('after %i failures waits anything up to %i ms', (failures, most) => {
    expect(backoffMs(failures, () => 0)).toBe(0);
    expect(backoffMs(failures, () => 0.999_999)).toBeCloseTo(most, -2);
  });
});
