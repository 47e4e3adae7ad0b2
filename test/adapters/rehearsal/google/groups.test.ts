import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type GoogleKit, startGoogle } from './google-kit.ts';

const GROUPS = '/admin/directory/v1/groups';
const RESOURCES = '/admin/directory/v1/customer/my_customer/resources';

let kit: GoogleKit;
beforeAll(async () => {
  kit = await startGoogle();
  await kit.person('ann@new.example');
  await kit.person('bob@new.example');
});
afterAll(() => kit.close());

async function group(email: string, more: Record<string, unknown> = {}) {
  const answer = await kit.ask('POST', GROUPS, { body: { email, name: email, ...more } });
  kit.clock.pass(10_000);
  return answer;
}

const join = (to: string, email: string, role?: string) =>
  kit.ask('POST', `${GROUPS}/${to}/members`, { body: { email, ...(role ? { role } : {}) } });

const settings = (email: string) => `/groups/v1/groups/${email}?alt=json`;

describe('groups', () => {
  it('are created without the aliases that a body names', async () => {
    const { body } = await group('staff@new.example', { aliases: ['crew@new.example'], description: 'All' });

    expect(body).toMatchObject({ email: 'staff@new.example', directMembersCount: '0', description: 'All' });
    expect(body).not.toHaveProperty('aliases');
  });

  it.each([
    ['an address that a user holds', { email: 'ann@new.example' }, 409],
    ['a domain that is not verified', { email: 'g@elsewhere.example' }, 404],
    ['a name of 76 signs', { name: 'n'.repeat(76) }, 400],
    ['a name with signs it cannot hold', { name: 'a<b' }, 400],
    ['a description of 4,097 signs', { description: 'd'.repeat(4_097) }, 400],
  ])('are refused with %s', async (_what, more, status) => {
    expect(
      (await kit.ask('POST', GROUPS, { body: { email: 'g@new.example', name: 'g', ...more } })).status,
    ).toBe(status);
  });

  it('hold their address for half a minute after a delete', async () => {
    await group('short@new.example');
    expect((await kit.ask('DELETE', `${GROUPS}/short@new.example`)).status).toBe(204);

    expect((await group('short@new.example')).status).toBe(409);
    kit.clock.pass(30_000);
    expect((await group('short@new.example')).status).toBe(200);
  });

  it('refuse aliases that are kept for administrators', async () => {
    const path = `${GROUPS}/staff@new.example/aliases`;

    expect((await kit.ask('POST', path, { body: { alias: 'webmaster@new.example' } })).status).toBe(400);
    expect((await kit.ask('POST', path, { body: { alias: 'crew@new.example' } })).status).toBe(200);
    expect((await kit.ask('GET', path)).body.aliases).toMatchObject([{ alias: 'crew@new.example' }]);
  });

  it('of one person are listed by userKey', async () => {
    await group('reading@new.example');
    await join('reading@new.example', 'bob@new.example');

    const { body } = await kit.ask('GET', `${GROUPS}?customer=my_customer&userKey=bob@new.example`);

    expect(body.groups.map((one: { email: string }) => one.email)).toEqual(['reading@new.example']);
  });
});

describe('members', () => {
  it('cannot join a group that was made a moment ago', async () => {
    await kit.ask('POST', GROUPS, { body: { email: 'fresh@new.example' } });

    const early = await join('fresh@new.example', 'ann@new.example');
    kit.clock.pass(3_500);
    const late = await join('fresh@new.example', 'ann@new.example');

    expect([early.status, early.body.error.message]).toEqual([404, 'Resource Not Found: groupKey']);
    expect(late.body).toMatchObject({
      email: 'ann@new.example',
      role: 'MEMBER',
      type: 'USER',
      status: 'ACTIVE',
    });
  });

  it('join once', async () => {
    await group('once@new.example');
    await join('once@new.example', 'ann@new.example');

    const again = await join('once@new.example', 'ann@new.example');

    expect([again.status, again.body.error.errors[0].reason]).toEqual([409, 'duplicate']);
  });

  it('change role by patch, delivery by update alone', async () => {
    await group('roles@new.example');
    await join('roles@new.example', 'ann@new.example');
    const path = `${GROUPS}/roles@new.example/members/ann@new.example`;

    await kit.ask('PATCH', path, { body: { role: 'OWNER', delivery_settings: 'NONE' } });
    const patched = await kit.ask('GET', path);
    await kit.ask('PUT', path, { body: { delivery_settings: 'NONE' } });
    const updated = await kit.ask('GET', path);

    expect(patched.body).toMatchObject({ role: 'OWNER', delivery_settings: 'ALL_MAIL' });
    expect(updated.body).toMatchObject({ role: 'OWNER', delivery_settings: 'NONE' });
  });

  it('from outside need the group to allow them', async () => {
    await group('open@new.example');

    const closed = await join('open@new.example', 'guest@elsewhere.example');
    await kit.ask('PATCH', settings('open@new.example'), { body: { allowExternalMembers: 'true' } });
    const open = await join('open@new.example', 'guest@elsewhere.example');

    expect(closed.status).toBe(412);
    expect(open.body).toMatchObject({ email: 'guest@elsewhere.example', role: 'MEMBER' });
  });

  it('of our own domains must exist', async () => {
    await group('exists@new.example');

    expect((await join('exists@new.example', 'nobody@new.example')).status).toBe(404);
  });

  it('that are groups nest without cycles and own nothing', async () => {
    for (const email of ['a@new.example', 'b@new.example', 'c@new.example']) await group(email);
    await join('a@new.example', 'b@new.example');
    await join('b@new.example', 'c@new.example');
    await join('c@new.example', 'ann@new.example');

    const cycle = await join('c@new.example', 'a@new.example');
    const owner = await join('a@new.example', 'c@new.example', 'OWNER');
    const derived = await kit.ask('GET', `${GROUPS}/a@new.example/members?includeDerivedMembership=true`);
    const has = await kit.ask('GET', `${GROUPS}/a@new.example/hasMember/ann@new.example`);

    expect([cycle.status, cycle.body.error.message]).toEqual([412, 'Cyclic memberships not allowed']);
    expect([owner.status, owner.body.error.message]).toEqual([400, 'Invalid Input: memberKey']);
    expect(derived.body.members.map((member: { email: string }) => member.email).sort()).toEqual([
      'ann@new.example',
      'b@new.example',
      'c@new.example',
    ]);
    expect(has.body).toEqual({ isMember: true });
    expect((await kit.ask('GET', `${GROUPS}/a@new.example/hasMember/x@elsewhere.example`)).status).toBe(400);
  });

  it('are listed by role and in pages', async () => {
    await group('big@new.example');
    await join('big@new.example', 'ann@new.example', 'MANAGER');
    await join('big@new.example', 'bob@new.example');
    await join('big@new.example', ADMIN, 'OWNER');
    const path = `${GROUPS}/big@new.example/members`;

    const leaders = await kit.ask('GET', `${path}?roles=OWNER,MANAGER`);
    const first = await kit.ask('GET', `${path}?maxResults=2`);
    const second = await kit.ask('GET', `${path}?maxResults=2&pageToken=${first.body.nextPageToken}`);

    expect(leaders.body.members).toHaveLength(2);
    expect([first.body.members.length, second.body.members.length]).toEqual([2, 1]);
    expect(second.body).not.toHaveProperty('nextPageToken');
  });
});

describe('group settings', () => {
  it('are Atom unless JSON is asked for', async () => {
    const atom = await kit.ask('GET', '/groups/v1/groups/staff@new.example');
    const json = await kit.ask('GET', settings('staff@new.example'));

    expect(atom.headers.get('content-type')).toContain('application/atom+xml');
    expect(atom.body.toString()).toContain('<apps:whoCanJoin>');
    expect(json.body).toMatchObject({ email: 'staff@new.example', isArchived: 'false' });
  });

  it.each([
    ['a boolean that is no text', { isArchived: true }],
    ['a text that is no boolean', { isArchived: 'yes' }],
    ['an unknown value', { whoCanJoin: 'EVERYBODY' }],
    ['nobody posting to a group that is no archive', { whoCanPostMessage: 'NONE_CAN_POST' }],
    [
      'members moderating members they cannot see',
      {
        whoCanModerateMembers: 'ALL_MEMBERS',
        whoCanViewMembership: 'ALL_MANAGERS_CAN_VIEW',
      },
    ],
    ['an unknown field', { whoCanSing: 'ALL_MEMBERS' }],
    ['a description of 301 signs', { description: 'd'.repeat(301) }],
  ])('refuse %s', async (_what, body) => {
    expect((await kit.ask('PATCH', settings('staff@new.example'), { body })).status).toBe(400);
  });

  it('let nobody post once a group is an archive', async () => {
    await group('old@new.example');

    const archived = await kit.ask('PATCH', settings('old@new.example'), { body: { archiveOnly: 'true' } });
    const opened = await kit.ask('PATCH', settings('old@new.example'), { body: { archiveOnly: 'false' } });

    expect(archived.body.whoCanPostMessage).toBe('NONE_CAN_POST');
    expect(opened.body.whoCanPostMessage).toBe('ALL_MANAGERS_CAN_POST');
  });
});

describe('rooms', () => {
  it('need their building and floor, and get an address and a calendar', async () => {
    const building = { buildingId: 'hq', buildingName: 'Headquarters', floorNames: ['1', '2'] };
    const room = { resourceId: 'r1', resourceName: 'Oak', resourceCategory: 'CONFERENCE_ROOM', capacity: 8 };

    const early = await kit.ask('POST', `${RESOURCES}/calendars`, { body: { ...room, buildingId: 'hq' } });
    await kit.ask('POST', `${RESOURCES}/buildings`, { body: building });
    const floor = await kit.ask('POST', `${RESOURCES}/calendars`, {
      body: { ...room, buildingId: 'hq', floorName: '9' },
    });
    const made = await kit.ask('POST', `${RESOURCES}/calendars`, {
      body: { ...room, buildingId: 'hq', floorName: '2' },
    });
    const again = await kit.ask('POST', `${RESOURCES}/calendars`, { body: room });
    const calendar = await kit.ask('GET', `/calendar/v3/calendars/${made.body.resourceEmail}`);

    expect([early.status, floor.status, again.status]).toEqual([400, 400, 409]);
    expect(made.body.resourceEmail).toMatch(/^c_[0-9a-f]{32}@resource\.calendar\.google\.com$/);
    expect(calendar.body).toMatchObject({ id: made.body.resourceEmail, summary: 'Oak' });
    expect((await kit.ask('GET', `${RESOURCES}/calendars`)).body.items).toHaveLength(1);
    expect((await kit.ask('GET', `${RESOURCES}/buildings/hq`)).body.floorNames).toEqual(['1', '2']);
  });
});

it('answers as the discovery documents describe', () => {
  expect(kit.faults() ?? []).toEqual([]);
});
