import type { Clock } from '../../../../src/core/clock.ts';

/** A clock that stands still until it is told to advance; waiting advances it. */
export function virtualClock(scale = 1): Clock & { advance(ms: number): void } {
  let ticks = 0;
  return {
    scale,
    now: () => 1_767_225_600_000 + ticks,
    ticks: () => ticks,
    wait: async (ms) => {
      ticks += ms;
    },
    advance: (ms) => {
      ticks += ms;
    },
  };
}
