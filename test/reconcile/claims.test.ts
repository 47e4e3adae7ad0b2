import { describe, expect, it } from 'vitest';
import { agreedUserChanges, applyClaims, type Claim } from '../../src/reconcile/claims.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import { exitCodeOf } from '../../src/reconcile/verdict.ts';
import { checkOptions, cleanEstate } from '../support/check-estate.ts';
import { ANN } from '../support/fact-builders.ts';

async function withMissing(ids: readonly string[]) {
  const estate = cleanEstate();
  const account = estate.target.account(ANN);
  account.messages = account.messages.filter(({ id }) => !ids.includes(id));
  account.events = account.events.filter(({ id }) => !ids.includes(id));
  return { estate, result: await reconcile(checkOptions(estate)) };
}

function claim(part: Partial<Claim>): Claim {
  return {
    organisation: 'regulator',
    source: ANN,
    workload: 'mail',
    container: 'f-inbox',
    itemKey: 'm1',
    identity: null,
    status: 'failed',
    reason: 'invalid-message',
    ...part,
  };
}

describe('claims of the mover', () => {
  it.each<[string, Partial<Claim>, number]>([
    ['the id of the item with a reason', {}, 1],
    ['the id of the item without a reason', { reason: '' }, 0],
    ['an item that it says was written', { status: 'written' }, 0],
    ['another item', { itemKey: 'm2' }, 0],
    ['the same item of someone else', { source: 'bob@old.example' }, 0],
    ['the identity in the same folder', { itemKey: 'ledger-key', identity: 'm1@mail.example' }, 1],
    ['the identity in another folder', { itemKey: 'k', container: 'f-acme', identity: 'm1@mail.example' }, 0],
  ])('naming %s explains a missing message as often as it should', async (_, part, failed) => {
    const { result } = await withMissing(['m1']);

    const after = await applyClaims(result, [claim(part)]);

    expect(after.totals.mail).toMatchObject({ missing: 1, failed, unexplained: 1 - failed });
    expect(after.verdict).toBe('needs-a-decision');
    expect(exitCodeOf(after)).toBe(failed === 1 ? 0 : 6);
    result.store.close();
  });

  it('know events by the mover’s own key', async () => {
    const { result } = await withMissing(['ge1']);

    const after = await applyClaims(result, [
      claim({ workload: 'calendar', itemKey: 'event:e1', container: 'c-default' }),
    ]);

    expect(after.totals.calendar).toMatchObject({ missing: 1, failed: 1, unexplained: 0 });
    result.store.close();
  });

  it('about changes by users count only where the organisation agreed to them', async () => {
    const { estate, result } = await withMissing(['m1']);
    const changed = claim({ status: 'written', reason: 'changed-at-target' });

    const asked = await applyClaims(result, [changed]);
    estate.policy.reconcile.userChanges = 'agree';
    const again = await reconcile(checkOptions(estate));
    const options = { agreedUserChanges: agreedUserChanges([{ organisation: estate.organisation }]) };
    const agreed = await applyClaims(again, [changed], options);

    expect([asked.unexplainedDifferences, agreed.unexplainedDifferences]).toEqual([1, 0]);
    result.store.close();
    again.store.close();
  });
});
