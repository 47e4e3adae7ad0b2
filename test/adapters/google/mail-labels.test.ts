import { afterAll, describe, expect, it } from 'vitest';
import { createMailTarget } from '../../../adapters/google/mail.ts';
import type { LabelValue, MailValue } from '../../../src/core/google.ts';
import { failure, faults, jobOf, never, type Script, ScriptedTenant } from './tenant.ts';

const job = jobOf('mail');
const LABELS = '/gmail/v1/users/me/labels';
const listed = (...names: string[]) => ({
  json: {
    labels: [
      { id: 'INBOX', name: 'INBOX', type: 'system' },
      ...names.map((name, at) => ({ id: `Label_${at + 1}`, name, type: 'user' })),
    ],
  },
});

const label = (name: string | null, facts: Partial<LabelValue> = {}): LabelValue => ({
  kind: 'label',
  name,
  system: [],
  ...facts,
});
function put(script: Script, value: MailValue, prior = null as Parameters<Target['put']>[3]) {
  const tenant = new ScriptedTenant(script);
  const answer = createMailTarget(tenant.google).put(job, 'key', value, prior, never);
  return { tenant, answer };
}
type Target = ReturnType<typeof createMailTarget>;

afterAll(() => {
  expect(faults, 'requests that the discovery documents do not know').toEqual([]);
});

describe('labels', () => {
  it('needs no request for a folder without a label of its own', async () => {
    const { tenant, answer } = put({}, label(null, { system: ['INBOX'] }));

    expect(await answer).toEqual({
      targetId: '',
      wrote: { name: null, id: null, system: ['INBOX'] },
      losses: [],
      untouched: true,
    });
    expect(tenant.asked).toEqual([]);
  });

  it('reuses a label whose name differs only in case', async () => {
    const { tenant, answer } = put({ [`GET ${LABELS}`]: listed('PROJECTS') }, label('Projects'));

    expect((await answer).targetId).toBe('Label_1');
    expect(tenant.asked).toEqual([`GET ${LABELS}`]);
  });

  it('creates parents before children', async () => {
    const created: string[] = [];
    const { answer } = put(
      {
        [`GET ${LABELS}`]: listed(),
        [`POST ${LABELS}`]: ({ body }) => {
          created.push((body as { name: string }).name);
          return { json: { id: `new-${created.length}`, name: created.at(-1) } };
        },
      },
      label('A/B/C'),
    );

    expect((await answer).targetId).toBe('new-3');
    expect(created).toEqual(['A', 'A/B', 'A/B/C']);
  });

  it('reads the labels again and reuses the one that a conflict names', async () => {
    const { answer } = put(
      {
        [`GET ${LABELS}`]: [listed(), listed('Projects')],
        [`POST ${LABELS}`]: failure(409, 'aborted', 'Label name exists or conflicts', 'ABORTED'),
      },
      label('Projects'),
    );

    expect(await answer).toMatchObject({ targetId: 'Label_1', losses: [] });
  });

  it.each([
    { refusals: 1, pattern: /^_Gelesen$/ },
    { refusals: 2, pattern: /^Folder [0-9a-f]{8}$/ },
  ])('names a label like $pattern after $refusals refusals of its name', async ({ refusals, pattern }) => {
    let asked = 0;
    const { answer } = put(
      {
        [`GET ${LABELS}`]: listed(),
        [`POST ${LABELS}`]: ({ body }) => {
          asked += 1;
          if (asked <= refusals) return failure(400, 'invalidArgument', 'Invalid label name');
          return { json: { id: 'new', name: (body as { name: string }).name } };
        },
      },
      label('Gelesen'),
    );

    const receipt = await answer;
    expect((receipt.wrote as { name: string }).name).toMatch(pattern);
    expect(receipt.losses).toEqual([{ field: 'label', kind: 'changed', reason: 'label-renamed' }]);
  });

  it('creates a label without the colour that Gmail refuses', async () => {
    const { tenant, answer } = put(
      {
        [`GET ${LABELS}`]: listed(),
        [`POST ${LABELS}`]: [
          failure(400, 'invalidArgument', 'Label color #123456 is not on the allowed color palette'),
          { json: { id: 'new', name: 'Projects' } },
        ],
      },
      label('Projects', { color: { backgroundColor: '#123456', textColor: '#ffffff' } }),
    );

    expect((await answer).losses).toEqual([{ field: 'color', kind: 'dropped', reason: 'not-accepted' }]);
    expect(tenant.last(`POST ${LABELS}`).body).not.toHaveProperty('color');
  });

  it('creates one label for callers that ask at once', async () => {
    const tenant = new ScriptedTenant({
      [`GET ${LABELS}`]: listed('Other'),
      [`POST ${LABELS}`]: { json: { id: 'new', name: 'Projects' } },
    });
    const tested = createMailTarget(tenant.google);

    await Promise.all(['a', 'b', 'c'].map((key) => tested.put(job, key, label('Projects'), null, never)));

    expect(tenant.asked).toEqual([`GET ${LABELS}`, `POST ${LABELS}`]);
  });

  it('renames the label of an earlier receipt', async () => {
    const prior = { targetId: 'Label_1', wrote: { id: 'Label_1', name: 'Old', system: [] } };
    const { answer } = put(
      { [`PATCH ${LABELS}/Label_1`]: { json: { id: 'Label_1', name: 'New' } } },
      label('New'),
      prior,
    );

    expect(await answer).toMatchObject({ targetId: 'Label_1', wrote: { name: 'New' } });
  });
});
