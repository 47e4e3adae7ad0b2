import { type Damage, remove } from './check-damages.ts';
import type { CheckEstate } from './check-estate.ts';

const directory = (estate: CheckEstate, address: string) =>
  estate.target.directoryFacts.find((fact) => fact.address === address)! as never as Record<string, never[]>;

export const DIRECTORY_DAMAGES: [string, Damage, string[]][] = [
  [
    'a removed member',
    (e) => remove(directory(e, 'nested@new.example')['members']!, () => true),
    ['missing member-missing member member:bob@old.example'],
  ],
  [
    'an extra member',
    (e) =>
      directory(e, 'nested@new.example')['members']!.push({
        address: 'x@new.example',
        role: 'member',
        type: 'user',
      } as never),
    ['extra member-extra member member:x@new.example'],
  ],
  [
    'another role',
    (e) => {
      (directory(e, 'all@new.example')['members']![1]! as { role: string }).role = 'member';
    },
    ['differ member-role role member:ann@old.example'],
  ],
  [
    'other people through nesting',
    (e) => directory(e, 'all@new.example')['effective']!.push('spy@new.example' as never),
    ['differ effective-members effective-members group:all@old.example'],
  ],
  [
    'a missing group alias',
    (e) => directory(e, 'all@new.example')['aliases']!.pop(),
    ['missing alias-missing alias alias:everyone@old.example'],
  ],
  [
    'a wrong alias',
    (e) => {
      Object.assign(directory(e, 'ann@new.example'), { aliases: ['annn.alias@new.example'] });
    },
    [
      'missing alias-missing alias alias:ann.alias@old.example',
      'extra alias-extra alias alias:annn.alias@new.example',
    ],
  ],
  [
    'another manager',
    (e) => {
      Object.assign(directory(e, 'ann@new.example'), { managerAddress: 'eve@new.example' });
    },
    ['differ manager-differs manager manager:ann@old.example'],
  ],
  [
    'no manager',
    (e) => {
      Object.assign(directory(e, 'ann@new.example'), { managerAddress: null });
    },
    ['missing manager-missing manager manager:ann@old.example'],
  ],
  [
    'an account that should not be suspended',
    (e) => {
      Object.assign(directory(e, 'ann@new.example'), { suspended: true });
    },
    ['differ suspension-differs suspended suspend:ann@old.example'],
  ],
  [
    'another title',
    (e) => {
      Object.assign(directory(e, 'ann@new.example'), { title: 'Chief' });
    },
    ['differ user-differs title user:ann@old.example'],
  ],
  [
    'a doubled account',
    (e) =>
      e.target.directoryFacts.push({
        ...(directory(e, 'bob@new.example') as never as object),
        address: 'bob2@new.example',
      } as never),
    ['duplicate user-duplicate  user:bob2@new.example'],
  ],
  [
    'another group name',
    (e) => {
      Object.assign(directory(e, 'other@new.example'), { name: 'Else' });
    },
    ['differ group-differs name group:other@old.example'],
  ],
  [
    'a smaller room',
    (e) => {
      Object.assign(directory(e, 'c_room1@resource.calendar.google.com'), { capacity: 4 });
    },
    ['differ room-differs capacity room:room1@old.example'],
  ],
  [
    'a missing room',
    (e) => remove(e.target.directoryFacts, ({ kind }) => kind === 'room'),
    ['missing room-missing  room:room1@old.example'],
  ],
];
