import { describe, expect, it } from 'vitest';
import { directoryPlaces } from '../../src/cli/directory-claims.ts';
import type { EstateEntry, Ledger } from '../../src/core/ports.ts';

const ESTATE: EstateEntry[] = [
  { kind: 'user', id: 'u1', value: { kind: 'user', userPrincipalName: 'Ann@old.example' } },
  { kind: 'room', id: 'r1', value: { kind: 'room', emailAddress: 'room@old.example' } },
  {
    kind: 'group',
    id: 'g1',
    value: {
      kind: 'group',
      id: 'g1',
      mail: 'team@old.example',
      members: [{ id: 'x1', mail: 'Press@agency.example', userPrincipalName: null }],
      owners: [],
    },
  },
];

const ledger = {
  async *estate() {
    yield* ESTATE;
  },
} as unknown as Ledger;

describe('directory rows in the checker’s words', () => {
  it.each([
    ['user:u1', 'ann@old.example', 'user:ann@old.example'],
    ['suspend:u1', 'ann@old.example', 'suspend:ann@old.example'],
    ['room:r1', 'room@old.example', 'room:room@old.example'],
    ['group:g1', 'team@old.example', 'group:team@old.example'],
    ['member:g1/u1', 'team@old.example', 'member:ann@old.example'],
    ['member:g1/x1', 'team@old.example', 'member:press@agency.example'],
  ])('%s is %s / %s', async (key, container, itemKey) => {
    expect((await directoryPlaces(ledger, 'body'))(key)).toEqual({ container, itemKey });
  });

  it.each(['user:nobody', 'org-unit:/A', 'member:g1/nobody'])('%s stands for nothing', async (key) => {
    expect((await directoryPlaces(ledger, 'body'))(key)).toBeNull();
  });
});
