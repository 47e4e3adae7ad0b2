import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createDirectoryTarget } from '../../../adapters/google/directory.ts';
import type { DirectoryAction, GoogleUser } from '../../../src/core/google.ts';
import type { Receipt } from '../../../src/core/types.ts';
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
  type Script,
  ScriptedTenant,
  storedUser,
  taken,
} from './tenant.ts';

const job = jobOf('directory', 'organisation');
const ROOT = '/admin/directory/v1';
const USER = `${ROOT}/users/${ANN}`;
const objectId = (value: string) => ({ type: 'custom', customType: 'm365_oid', value });
const user = annUser;

const find = (script: Script, action: DirectoryAction) =>
  createDirectoryTarget(new ScriptedTenant(script).google).find(job, 'k', action, new Set(), never);
const wroteUser = (facts: Partial<GoogleUser> = {}): Receipt => {
  const { primaryEmail: _key, ...fields } = { ...user, ...facts };
  return { targetId: ANN, wrote: fields as never };
};

afterAll(() => {
  expect(faults, 'requests that the discovery documents do not know').toEqual([]);
});

describe('users', () => {
  const action: DirectoryAction = { action: 'user', user };

  it('are created active with a hashed password that has to be changed', async () => {
    const { tenant, receipt } = await putDirectory({ [`POST ${ROOT}/users`]: storedUser() }, action);

    const body = tenant.last(`POST ${ROOT}/users`).body as Record<string, unknown>;
    expect(body).toMatchObject({ ...user, hashFunction: 'SHA-1', changePasswordAtNextLogin: true });
    expect(body['password']).toMatch(/^[0-9a-f]{40}$/);
    expect(body).not.toHaveProperty('suspended');
    expect(receipt.targetId).toBe(ANN);
    expect(JSON.stringify(receipt)).not.toContain(String(body['password']));
  });

  it('never get the same password twice', async () => {
    const tenant = new ScriptedTenant({ [`POST ${ROOT}/users`]: storedUser() });
    const tested = createDirectoryTarget(tenant.google);
    await tested.put(job, 'a', action, null, never);
    await tested.put(job, 'b', action, null, never);

    const passwords = tenant.seen.map(({ body }) => (body as { password: string }).password);
    expect(new Set(passwords).size).toBe(2);
    expect(passwords).not.toContain(createHash('sha1').update('').digest('hex'));
  });

  it('are left as they are when an earlier run made them', async () => {
    const { tenant, receipt } = await putDirectory(
      { [`POST ${ROOT}/users`]: taken, [`GET ${USER}`]: storedUser() },
      action,
    );

    expect(receipt.losses).toEqual([]);
    expect(tenant.asked).toEqual([`POST ${ROOT}/users`, `GET ${USER}`]);
  });

  it('that were made by hand are adopted, filled and reported', async () => {
    const { tenant, receipt } = await putDirectory(
      {
        [`POST ${ROOT}/users`]: taken,
        [`GET ${USER}`]: storedUser({
          externalIds: [{ type: 'organization', value: '77' }],
          organizations: undefined,
          phones: [{ type: 'mobile', value: '+49 170 9' }],
          orgUnitPath: '/',
        }),
        [`PATCH ${USER}`]: storedUser(),
      },
      action,
    );

    expect(tenant.last(`PATCH ${USER}`).body).toEqual({
      orgUnitPath: '/Regulator',
      organizations: user.organizations,
      externalIds: [{ type: 'organization', value: '77' }, objectId('oid-1')],
    });
    expect(receipt.losses).toEqual([
      { field: 'user', kind: 'changed', reason: 'adopted-existing' },
      kept('phones'),
    ]);
  });

  it.each([
    ['another source object', storedUser({ externalIds: [objectId('oid-2')] })],
    ['an alias of another user', storedUser({ primaryEmail: 'other@new.example', aliases: [ANN] })],
    ['a group', gone],
  ])('are refused when the address belongs to %s', async (_title, answer) => {
    await expect(
      putDirectory({ [`POST ${ROOT}/users`]: taken, [`GET ${USER}`]: answer }, action),
    ).rejects.toMatchObject({
      name: 'Rejected',
      code: 'address-taken',
    });
  });

  it('are brought up to date where nobody has changed them since', async () => {
    const { tenant, receipt } = await putDirectory(
      {
        [`GET ${USER}`]: storedUser({ organizations: [{ primary: true, type: 'work', title: 'Director' }] }),
        [`PATCH ${USER}`]: storedUser(),
      },
      {
        action: 'user',
        user: {
          ...user,
          organizations: [{ primary: true, type: 'work', title: 'Chief' }],
          phones: [{ type: 'work', value: '+49 30 2', primary: true }],
        },
      },
      wroteUser(),
    );

    expect(tenant.last(`PATCH ${USER}`).body).toEqual({
      phones: [{ type: 'work', value: '+49 30 2', primary: true }],
    });
    expect(receipt.losses).toEqual([kept('organizations')]);
    expect(receipt.wrote).toMatchObject({ organizations: user.organizations });
  });

  it('lose a field that the source has lost', async () => {
    const { phones: _phones, ...rest } = user;
    const { tenant } = await putDirectory(
      { [`GET ${USER}`]: storedUser(), [`PATCH ${USER}`]: storedUser() },
      { action: 'user', user: rest },
      wroteUser(),
    );

    expect(tenant.last(`PATCH ${USER}`).body).toEqual({ phones: null });
  });

  it('that an administrator has deleted are not created again', async () => {
    await expect(putDirectory({ [`GET ${USER}`]: gone }, action, wroteUser())).rejects.toMatchObject({
      code: 'deleted-at-target',
    });
  });

  it.each([
    ['ours', storedUser(), ANN],
    ['missing', gone, undefined],
    ['of another source object', storedUser({ externalIds: [objectId('oid-2')] }), undefined],
    ['without our id', storedUser({ externalIds: [] }), undefined],
  ])('are found only when they are ours: one that is %s', async (_title, answer, targetId) => {
    expect((await find({ [`GET ${USER}`]: answer }, action))?.targetId).toBe(targetId);
  });
});

describe('suspension and manager', () => {
  it('suspends last, and respects who was activated again', async () => {
    const action: DirectoryAction = { action: 'suspend', user: ANN };
    const script = { [`GET ${USER}`]: storedUser(), [`PATCH ${USER}`]: storedUser({ suspended: true }) };

    const first = await putDirectory(script, action);
    const again = await putDirectory({ [`GET ${USER}`]: storedUser() }, action, first.receipt);

    expect(first.tenant.last(`PATCH ${USER}`).body).toEqual({ suspended: true });
    expect(again.receipt.losses).toEqual([kept('suspended')]);
    expect(again.tenant.asked).toEqual([`GET ${USER}`]);
  });

  it('sets the manager and keeps all other relations', async () => {
    const assistant = { type: 'assistant', value: 'cy@new.example' };
    const { tenant } = await putDirectory(
      { [`GET ${USER}`]: storedUser({ relations: [assistant] }), [`PATCH ${USER}`]: storedUser() },
      { action: 'manager', user: ANN, manager: 'bob@new.example' },
    );

    expect(tenant.last(`PATCH ${USER}`).body).toEqual({
      relations: [assistant, { type: 'manager', value: 'bob@new.example' }],
    });
  });

  it('keeps a manager whom somebody else has set', async () => {
    const { tenant, receipt } = await putDirectory(
      { [`GET ${USER}`]: storedUser({ relations: [{ type: 'manager', value: 'dan@new.example' }] }) },
      { action: 'manager', user: ANN, manager: 'bob@new.example' },
    );

    expect(receipt.losses).toEqual([kept('manager')]);
    expect(tenant.asked).toEqual([`GET ${USER}`]);
  });
});

describe('org units, buildings and rooms', () => {
  const UNITS = `${ROOT}/customer/my_customer/orgunits`;
  const RESOURCES = `${ROOT}/customer/my_customer/resources`;

  it('creates an org unit below its parent', async () => {
    const { tenant } = await putDirectory(
      { [`POST ${UNITS}`]: { json: {} } },
      { action: 'org-unit', path: '/A/B & C' },
    );

    expect(tenant.last(`POST ${UNITS}`).body).toEqual({ name: 'B & C', parentOrgUnitPath: '/A' });
  });

  it.each([409, 400])('takes an org unit that exists for done after %d', async (status) => {
    const { receipt } = await putDirectory(
      {
        [`POST ${UNITS}`]: failure(status, 'invalid', 'Invalid Ou Id'),
        [`GET ${UNITS}/A/B`]: { json: { orgUnitPath: '/A/B' } },
      },
      { action: 'org-unit', path: '/A/B' },
    );

    expect(receipt.targetId).toBe('/A/B');
  });

  it('reports an org unit that is refused and not there', async () => {
    await expect(
      putDirectory(
        { [`POST ${UNITS}`]: failure(400, 'invalid', 'Invalid Ou Id') },
        { action: 'org-unit', path: '/A/B' },
      ),
    ).rejects.toMatchObject({ name: 'Rejected', status: 400 });
  });

  it('adds floors to a building and takes none away', async () => {
    const building = `${RESOURCES}/buildings/hq`;
    const { tenant } = await putDirectory(
      {
        [`POST ${RESOURCES}/buildings`]: taken,
        [`GET ${building}`]: { json: { buildingId: 'hq', floorNames: ['1', '9'] } },
        [`PATCH ${building}`]: { json: {} },
      },
      { action: 'building', buildingId: 'hq', buildingName: 'HQ', floorNames: ['1', '2'] },
    );

    expect(tenant.last(`PATCH ${building}`).body).toEqual({ floorNames: ['1', '9', '2'] });
  });

  it('tells the address that Google gave a room', async () => {
    const resource = {
      resourceId: 'r1',
      resourceName: 'Blue',
      resourceCategory: 'CONFERENCE_ROOM',
      capacity: 8,
    } as const;
    const { receipt } = await putDirectory(
      {
        [`POST ${RESOURCES}/calendars`]: {
          json: { ...resource, resourceEmail: 'C_1@resource.calendar.google.com' },
        },
      },
      { action: 'room', resource },
    );

    expect(receipt.targetId).toBe('c_1@resource.calendar.google.com');
  });

  it('makes no meeting room of one that Google takes only with building and capacity', async () => {
    const resource = {
      resourceId: 'r1',
      resourceName: 'Blue',
      resourceCategory: 'CONFERENCE_ROOM',
    } as const;
    const { tenant, receipt } = await putDirectory(
      {
        [`POST ${RESOURCES}/calendars`]: [
          failure(400, 'invalid', 'Invalid Input: buildingId'),
          { json: { ...resource, resourceEmail: 'c_1@resource.calendar.google.com' } },
        ],
      },
      { action: 'room', resource },
    );

    expect(tenant.last(`POST ${RESOURCES}/calendars`).body).toMatchObject({ resourceCategory: 'OTHER' });
    expect(receipt).toMatchObject({
      targetId: 'c_1@resource.calendar.google.com',
      losses: [{ field: 'resourceCategory', kind: 'weakened', reason: 'refused' }],
    });
  });

  it('finds a room by its id', async () => {
    const resource = { resourceId: 'r1', resourceName: 'Blue', resourceCategory: 'OTHER' } as const;
    const answer = { json: { ...resource, resourceEmail: 'c_1@resource.calendar.google.com', extra: null } };

    const receipt = await find({ [`GET ${RESOURCES}/calendars/r1`]: answer }, { action: 'room', resource });

    expect(receipt?.targetId).toBe('c_1@resource.calendar.google.com');
  });
});
