import { afterEach, describe, expect, it } from 'vitest';
import { Auth } from '../../src/core/errors.ts';
import type { Depth } from '../../src/core/facts.ts';
import type { CheckResult } from '../../src/reconcile/check-result.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import { exitCodeOf } from '../../src/reconcile/verdict.ts';
import { DAMAGES, mail, target } from '../support/check-damages.ts';
import { DIRECTORY_DAMAGES } from '../support/check-damages-directory.ts';
import { type CheckEstate, checkOptions, cleanEstate } from '../support/check-estate.ts';
import { ANN, AS_OF, event, label, message } from '../support/fact-builders.ts';

const open: CheckResult[] = [];

afterEach(() => {
  for (const result of open.splice(0)) result.store.close();
});

async function check(
  estate: CheckEstate,
  part: Parameters<typeof checkOptions>[1] = {},
): Promise<CheckResult> {
  const result = await reconcile(checkOptions(estate, part));
  open.push(result);
  return result;
}

function findings(result: CheckResult): string[] {
  return [...result.store.findings()].map(
    ({ source, kind, code, field, item }) => `${source} ${kind} ${code} ${field} ${item}`,
  );
}

function ofAnn(result: CheckResult, workload: 'mail' | 'calendar') {
  return result.principals.find(({ principal }) => principal.source === ANN)?.workloads[workload];
}

describe('two ends that agree', () => {
  it.each<Depth>(['items', 'content'])('give no finding at depth %s', async (depth) => {
    const result = await check(cleanEstate(), { depth });

    expect(findings(result)).toEqual([]);
    expect(result.verdict).toBe('matches');
    expect(exitCodeOf(result)).toBe(0);
    expect(ofAnn(result, 'mail')).toMatchObject({
      source: 24,
      arrived: 16,
      merged: 2,
      excluded: 4,
      unsupported: 1,
      tooLarge: 1,
      missing: 0,
    });
    expect(ofAnn(result, 'calendar')).toMatchObject({ source: 8, arrived: 4, excluded: 4, missing: 0 });
  });

  it('reads the source twice only where contents are needed to tell messages apart', async () => {
    const estate = cleanEstate();

    await check(estate);

    expect(estate.source.contentReads).toBe(7);
    expect(estate.source.listings).toBe(3);
  });

  it('names every alteration of an item at depth content', async () => {
    const result = await check(cleanEstate(), { depth: 'content' });

    const altered = [...result.store.items()].filter(({ alterations }) => alterations !== '');
    expect(altered.map(({ item, kind, alterations }) => [item, kind, alterations])).toEqual([
      ['m21', 'match', 'added: message-id'],
      ['m22', 'match', 'added: message-id'],
    ]);
  });
});

describe('a damaged target', () => {
  it.each(DAMAGES)('%s is found at depth %s, and nothing else', async (_, depth, damage, expected) => {
    const estate = cleanEstate();
    damage(estate);

    const result = await check(estate, { depth });

    expect(findings(result).sort()).toEqual(expected.map((words) => `${ANN} ${words}`).sort());
    expect(result.verdict).toBe('needs-a-decision');
    expect(exitCodeOf(result)).toBe(6);
  });

  it.each(DIRECTORY_DAMAGES)('%s is found, and nothing else', async (_, damage, expected) => {
    const estate = cleanEstate();
    damage(estate);

    const result = await check(estate);

    expect(findings(result).sort()).toEqual(expected.map((words) => `regulator ${words}`).sort());
    expect(exitCodeOf(result)).toBe(6);
  });

  it('leaves a suspension that nobody asked for to the rule of that name', async () => {
    const estate = cleanEstate();
    const bob = estate.target.directoryFacts.find(({ address }) => address === 'bob@new.example');
    Object.assign(bob!, { suspended: false });

    const result = await check(estate);

    expect(findings(result)).toEqual([]);
    expect([...result.store.exclusions()]).toContainEqual(
      expect.objectContaining({ workload: 'directory', rule: 'suspend-on-request', units: 1 }),
    );
  });

  it('has the same finding ids in every run', async () => {
    const damaged = () => {
      const estate = cleanEstate();
      estate.target.account(ANN).messages.splice(0, 5);
      return check(estate, { run: String(Math.random()) });
    };

    const [first, second] = [await damaged(), await damaged()];

    const ids = (result: CheckResult) => [...result.store.findings()].map(({ findingId }) => findingId);
    expect(ids(first)).toEqual(ids(second));
    expect(new Set(ids(first)).size).toBe(ids(first).length);
  });
});

describe('verdicts', () => {
  it('a principal whose end cannot be read could not be checked, and the run goes on', async () => {
    const estate = cleanEstate();
    estate.target.broken.set('bob@old.example', new Auth({ code: 'unauthorized_client', message: 'no' }));

    const result = await check(estate);

    expect(findings(result)).toEqual([
      'bob@old.example unreadable target-unreadable target ',
      'bob@old.example unreadable target-unreadable target ',
    ]);
    expect(result.principals.map(({ verdict }) => verdict)).toEqual([
      'matches',
      'matches',
      'could-not-check',
    ]);
    expect(exitCodeOf(result)).toBe(7);
  });

  it('half of what was read of an end that breaks off is not counted', async () => {
    const estate = cleanEstate();
    const { target: end } = estate;
    end.messages = async function* () {
      yield message('m1', ['INBOX']);
      throw new Auth({ code: 'invalid_grant', message: 'revoked' });
    };

    const result = await check(estate);

    expect(ofAnn(result, 'mail')).toMatchObject({ source: 0, missing: 0 });
    expect(
      result.principals.every(
        ({ unreadable, principal }) => (principal.kind === 'person') === unreadable > 0,
      ),
    ).toBe(true);
  });

  it('a pass that is declared unfinished is incomplete', async () => {
    const estate = cleanEstate();
    const { organisation, source, target: end } = estate;

    const result = await check(estate, {
      organisations: [{ organisation, source, target: end, unfinished: true }],
    });

    expect(result.verdict).toBe('incomplete');
  });

  it('accepted differences are agreed and end with exit code 0', async () => {
    const estate = cleanEstate();
    mail(estate, 'm1').read = true;
    const [finding] = [...(await check(estate)).store.findings()];

    const result = await check(estate, { acceptances: new Set([finding!.findingId]) });

    expect(result.verdict).toBe('matches-with-agreed-differences');
    expect(exitCodeOf(result)).toBe(0);
  });

  it('a stop on request ends the check', async () => {
    const controller = new AbortController();
    const estate = cleanEstate();
    estate.source.containers = async function* () {
      controller.abort();
      yield label('INBOX', 'INBOX');
    };

    await expect(check(estate, { signal: controller.signal })).rejects.toMatchObject({ name: 'Interrupted' });
  });
});

describe('what changed after the instant of the check', () => {
  it('is counted as changed and not as missing or differing', async () => {
    const estate = cleanEstate();
    const later = { modifiedAt: AS_OF + 1 };
    const { messages, events } = estate.source.account(ANN);
    Object.assign(messages[0]!, later, { read: true });
    messages.push(message('new1', ['f-inbox'], { createdAt: AS_OF + 1 }));
    events.push(event('new2', '2027-03-01T10:00:00Z', { createdAt: AS_OF + 1 }));

    const result = await check(estate);

    expect(findings(result)).toEqual([]);
    expect(ofAnn(result, 'mail')?.changedSince).toBe(2);
    expect(ofAnn(result, 'calendar')?.changedSince).toBe(1);
  });

  it('and mail that came in at the target since is not extra', async () => {
    const estate = cleanEstate();
    target(estate).messages.push(message('x1', ['INBOX'], { createdAt: null, receivedAt: AS_OF + 1 }));

    expect(findings(await check(estate))).toEqual([]);
  });
});

describe('depth counts', () => {
  it('compares the services’ own counters', async () => {
    const estate = cleanEstate();
    for (const end of [estate.source, estate.target])
      for (const container of end.account(ANN).containers) container.serviceCount = 5;

    const same = await check(estate, { depth: 'counts', workloads: new Set(['mail']) });
    target(estate).containers.find(({ id }) => id === 'Label_1')!.serviceCount = 3;
    const fewer = await check(estate, { depth: 'counts', workloads: new Set(['mail']) });

    expect(findings(same)).toEqual([]);
    expect(findings(fewer)).toEqual([`${ANN} missing count-lower count f-projects`]);
    expect(ofAnn(fewer, 'mail')).toMatchObject({ missing: 2, unexplained: 2 });
    expect(estate.source.listings).toBe(0);
  });
});
