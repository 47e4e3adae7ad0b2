import { afterAll, describe, expect, it } from 'vitest';
import { createDirectoryTarget } from '../../../adapters/google/directory.ts';
import type { DirectoryAction } from '../../../src/core/google.ts';
import {
  ANN,
  annUser,
  failure,
  faults,
  gone,
  jobOf,
  kept,
  never,
  putDirectory,
  ScriptedTenant,
  storedUser,
  taken,
} from './tenant.ts';

const job = jobOf('directory', 'organisation');
const ROOT = '/admin/directory/v1';
const USER = `${ROOT}/users/${ANN}`;
const user = annUser;

afterAll(() => {
  expect(faults, 'requests that the discovery documents do not know').toEqual([]);
});

describe('groups', () => {
  const GROUP = `${ROOT}/groups/all@new.example`;
  const action: DirectoryAction = {
    action: 'group',
    email: 'all@new.example',
    name: 'All',
    description: 'Everyone',
  };
  const created = { json: { email: 'all@new.example' } };

  it('are created by address', async () => {
    const { tenant, receipt } = await putDirectory({ [`POST ${ROOT}/groups`]: created }, action);

    expect(tenant.last(`POST ${ROOT}/groups`).body).toEqual({
      email: 'all@new.example',
      name: 'All',
      description: 'Everyone',
    });
    expect(receipt).toMatchObject({ targetId: 'all@new.example', losses: [] });
  });

  it('get a description of 300 characters where Google takes no more', async () => {
    const { tenant, receipt } = await putDirectory(
      { [`POST ${ROOT}/groups`]: [failure(400, 'invalid', 'Invalid Input: description'), created] },
      { ...action, description: 'x'.repeat(400) },
    );

    expect((tenant.last(`POST ${ROOT}/groups`).body as { description: string }).description).toHaveLength(
      300,
    );
    expect(receipt.losses).toEqual([{ field: 'description', kind: 'changed', reason: 'limit-300' }]);
  });

  it('that exist keep what they say and are reported', async () => {
    const { tenant, receipt } = await putDirectory(
      {
        [`POST ${ROOT}/groups`]: taken,
        [`GET ${GROUP}`]: { json: { email: 'All@new.example', name: 'Alle', description: '' } },
        [`PATCH ${GROUP}`]: created,
      },
      action,
    );

    expect(tenant.last(`PATCH ${GROUP}`).body).toEqual({ description: 'Everyone' });
    expect(receipt.losses).toEqual([
      kept('name'),
      { field: 'group', kind: 'changed', reason: 'adopted-existing' },
    ]);
  });
});

describe('aliases', () => {
  const insert = `POST ${USER}/aliases`;
  const action: DirectoryAction = {
    action: 'alias',
    owner: 'user',
    primary: ANN,
    alias: 'a.ash@new.example',
  };

  it.each([
    ['own alias', storedUser({ aliases: ['A.Ash@new.example'] })],
    ['alias by the domain', storedUser({ nonEditableAliases: ['a.ash@new.example'] })],
  ])('are there already as %s', async (_title, answer) => {
    const { receipt } = await putDirectory({ [insert]: taken, [`GET ${USER}`]: answer }, action);

    expect(receipt.targetId).toBe('a.ash@new.example');
  });

  it('are refused when somebody else holds them', async () => {
    await expect(
      putDirectory({ [insert]: taken, [`GET ${USER}`]: storedUser() }, action),
    ).rejects.toMatchObject({
      code: 'address-taken',
    });
  });

  it('wait for a user who was created moments ago', async () => {
    const tenant = new ScriptedTenant({
      [`POST ${ROOT}/users`]: storedUser(),
      [insert]: [gone, gone, { json: { alias: 'a.ash@new.example' } }],
    });
    const tested = createDirectoryTarget(tenant.google);

    await tested.put(job, 'user', { action: 'user', user }, null, never);
    const receipt = await tested.put(job, 'alias', action, null, never);

    expect(receipt.targetId).toBe('a.ash@new.example');
    expect(tenant.clock.ticks()).toBeGreaterThanOrEqual(6_000);
  });

  it('wait for a user whom a run created that was killed just before', async () => {
    const tenant = new ScriptedTenant({ [insert]: [gone, { json: { alias: 'a.ash@new.example' } }] });

    const receipt = await createDirectoryTarget(tenant.google).put(job, 'alias', action, null, never);

    expect(receipt.targetId).toBe('a.ash@new.example');
  });

  it('do not wait for a user of long ago, and are no item gone at the source', async () => {
    const tenant = new ScriptedTenant({ [insert]: gone });
    const tested = createDirectoryTarget(tenant.google);
    tenant.clock.skip(120_000);

    const answer = tested.put(job, 'alias', action, null, never);

    await expect(answer).rejects.toMatchObject({ name: 'Rejected', code: 'target-not-found' });
    expect(tenant.clock.ticks()).toBeLessThan(121_000);
  });
});

describe('members', () => {
  const MEMBERS = `${ROOT}/groups/all@new.example/members`;
  const action: DirectoryAction = {
    action: 'member',
    group: 'all@new.example',
    member: ANN,
    role: 'OWNER',
    delivery: 'NONE',
  };
  const already = failure(409, 'duplicate', 'Member already exists.');

  it('are added with role and delivery', async () => {
    const { tenant, receipt } = await putDirectory({ [`POST ${MEMBERS}`]: { json: { email: ANN } } }, action);

    expect(tenant.last(`POST ${MEMBERS}`).body).toEqual({
      email: ANN,
      role: 'OWNER',
      delivery_settings: 'NONE',
    });
    expect(receipt.targetId).toBe(`all@new.example/${ANN}`);
  });

  it('who are there already get the role', async () => {
    const { tenant } = await putDirectory(
      {
        [`POST ${MEMBERS}`]: already,
        [`GET ${MEMBERS}/${ANN}`]: { json: { email: ANN, role: 'MEMBER', delivery_settings: 'NONE' } },
        [`PATCH ${MEMBERS}/${ANN}`]: { json: {} },
      },
      action,
    );

    expect(tenant.last(`PATCH ${MEMBERS}/${ANN}`).body).toEqual({ role: 'OWNER' });
  });

  it('who are there already get the delivery by update, which alone takes it', async () => {
    const { tenant } = await putDirectory(
      {
        [`POST ${MEMBERS}`]: already,
        [`GET ${MEMBERS}/${ANN}`]: { json: { email: ANN, role: 'OWNER' } },
        [`PUT ${MEMBERS}/${ANN}`]: { json: {} },
      },
      action,
    );

    expect(tenant.last(`PUT ${MEMBERS}/${ANN}`).body).toEqual({
      email: ANN,
      role: 'OWNER',
      delivery_settings: 'NONE',
    });
  });

  it('whose role somebody has changed since keep it', async () => {
    const { tenant, receipt } = await putDirectory(
      {
        [`POST ${MEMBERS}`]: already,
        [`GET ${MEMBERS}/${ANN}`]: { json: { email: ANN, role: 'OWNER', delivery_settings: 'NONE' } },
      },
      { ...action, role: 'MANAGER' },
      { targetId: `all@new.example/${ANN}`, wrote: { role: 'MEMBER', delivery_settings: 'NONE' } },
    );

    expect(receipt.losses).toEqual([kept('role')]);
    expect(tenant.asked).not.toContain(`PATCH ${MEMBERS}/${ANN}`);
  });

  it('of a circle are refused for good', async () => {
    const circle = failure(412, 'conditionNotMet', 'Cyclic memberships not allowed');

    await expect(putDirectory({ [`POST ${MEMBERS}`]: circle }, action)).rejects.toMatchObject({
      name: 'Rejected',
      code: 'conditionNotMet',
    });
  });
});

describe('settings', () => {
  const SETTINGS = '/groups/v1/groups/all@new.example';
  const settings = { whoCanJoin: 'INVITED_CAN_JOIN', allowExternalMembers: 'true' };
  const action: DirectoryAction = { action: 'settings', group: 'all@new.example', settings };

  it('are written as JSON and read back', async () => {
    const { tenant, receipt } = await putDirectory(
      {
        [`PATCH ${SETTINGS}`]: { json: settings },
        [`GET ${SETTINGS}`]: { json: { ...settings, allowExternalMembers: 'false' } },
      },
      action,
    );

    expect(tenant.last(`PATCH ${SETTINGS}`).query.get('alt')).toBe('json');
    expect(tenant.last(`PATCH ${SETTINGS}`).body).toEqual(settings);
    expect(receipt.losses).toEqual([
      { field: 'allowExternalMembers', kind: 'changed', reason: 'stored-differently' },
    ]);
  });

  it('are written one by one when the set is refused', async () => {
    const { receipt } = await putDirectory(
      {
        [`PATCH ${SETTINGS}`]: ({ body }) =>
          'allowExternalMembers' in (body as object)
            ? failure(400, 'invalid', 'EXTERNAL_MEMBERS_NOT_ALLOWED')
            : { json: {} },
        [`GET ${SETTINGS}`]: { json: { whoCanJoin: 'INVITED_CAN_JOIN', allowExternalMembers: 'false' } },
      },
      action,
    );

    expect(receipt.losses).toEqual([{ field: 'allowExternalMembers', kind: 'dropped', reason: 'refused' }]);
  });

  it('that an administrator has changed since are kept', async () => {
    const { tenant, receipt } = await putDirectory(
      { [`GET ${SETTINGS}`]: { json: { whoCanJoin: 'ANYONE_CAN_JOIN', allowExternalMembers: 'true' } } },
      { ...action, settings: { ...settings, whoCanJoin: 'CAN_REQUEST_TO_JOIN' } },
      { targetId: 'all@new.example', wrote: settings },
    );

    expect(receipt.losses).toEqual([kept('whoCanJoin')]);
    expect(tenant.asked).not.toContain(`PATCH ${SETTINGS}`);
  });
});
