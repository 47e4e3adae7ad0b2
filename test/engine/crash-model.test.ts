import { describe, expect, it } from 'vitest';
import { AmbiguousWrite, Rejected } from '../../src/core/errors.ts';
import type { AnyWorkload, Target } from '../../src/core/ports.ts';
import { liveOnce, type Mutation, type Verdict } from './crash-world.ts';

const RUNS = 5_000;
const RUNS_OF_A_MUTANT = 150;

const CLEAN = { lost: 0, copies: 0, misplaced: 0, wrong: 0 };

async function live(runs: number, mutation?: Mutation): Promise<Verdict & { seeds: number[] }> {
  const sum = { ...CLEAN, crashes: 0, seeds: [] as number[] };
  for (let seed = 1; seed <= runs; seed += 1) {
    const { lost, copies, misplaced, wrong, crashes } = await liveOnce(seed, mutation);
    sum.lost += lost;
    sum.copies += copies;
    sum.misplaced += misplaced;
    sum.wrong += wrong;
    sum.crashes += crashes;
    if (lost + copies + misplaced + wrong > 0) sum.seeds.push(seed);
  }
  return sum;
}

function withTarget(change: (target: Target<unknown>) => Partial<Target<unknown>>): Mutation {
  return {
    workload: (workload): AnyWorkload => {
      const { target } = workload;
      const whole: Target<unknown> = {
        put: (...given) => target.put(...given),
        find: (...given) => target.find(...given),
        visibleAfterMs: (value) => target.visibleAfterMs(value),
        ...change(target),
      };
      return { ...workload, target: whole };
    },
  };
}

/**
 * Each run is a mailbox of 40 messages and more in four folders: copies, further bodies under one Message-ID, moves,
 * removals; passes that crash between any two calls, answers lost on either way, refusals, requests held back for
 * minutes, and a search that sees writes late.
 */
describe('the item protocol under crashes', () => {
  it(`loses nothing and makes no copy in ${RUNS} random lives`, async () => {
    const verdict = await live(RUNS);

    expect(verdict).toMatchObject({ ...CLEAN, seeds: [] });
    expect(verdict.crashes).toBeGreaterThan(RUNS);
  }, 120_000);

  it('makes copies when puts begin without a mark', async () => {
    const verdict = await live(RUNS_OF_A_MUTANT, { ledger: () => ({ begin: async () => {} }) });

    expect(verdict.copies).toBeGreaterThan(100);
  });

  it('makes copies when a search that sees nothing is believed at once', async () => {
    const verdict = await live(
      RUNS_OF_A_MUTANT,
      withTarget(() => ({ visibleAfterMs: () => 0 })),
    );

    expect(verdict.copies).toBeGreaterThan(10);
  });

  it('loses items when an unanswered put counts as refused', async () => {
    const settlesUnanswered = withTarget((target) => ({
      put: async (...given) => {
        try {
          return await target.put(...given);
        } catch (error) {
          if (!(error instanceof AmbiguousWrite)) throw error;
          throw new Rejected({ code: 'lost', message: 'taken for a refusal', cause: error });
        }
      },
    }));

    const verdict = await live(RUNS_OF_A_MUTANT, settlesUnanswered);

    expect(verdict.lost).toBeGreaterThan(10);
  });

  it('loses items when a cursor moves before the items of its page are written', async () => {
    const verdict = await live(RUNS_OF_A_MUTANT, {
      ledger: (ledger, between) => ({
        commitPage: async (job, page) => {
          await ledger.commitPage(job, { ...page, items: [], removed: [] });
          await between();
          await ledger.commitPage(job, page);
        },
      }),
    });

    expect(verdict.lost).toBeGreaterThan(5);
  });
});
