import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planAddresses } from '../../mappings/address-plan.ts';
import { isMailAddress, primarySmtp, rewriteAddress, rewriteLocalPart } from '../../mappings/addresses.ts';
import { addressBook } from '../../src/core/address-book.ts';
import { group, organisation, user } from './samples.ts';

const DOMAINS = { 'contoso.com': 'new.example', 'contoso.onmicrosoft.com': 'drop' };

describe('rewriteAddress', () => {
  it.each([
    ['plain', 'Ann@Contoso.com', 'ann@new.example'],
    ['case 3: apostrophe and dot stay', "o'brien.x@contoso.com", "o'brien.x@new.example"],
    ['case 3: two dots become one', 'a..b@contoso.com', 'a.b@new.example'],
    ['case 3: a leading dot goes', '.x@contoso.com', 'x@new.example'],
    ['case 3: ampersand becomes a hyphen', 'r&d@contoso.com', 'r-d@new.example'],
    ['case 4: accents are folded', 'José@contoso.com', 'jose@new.example'],
    ['letters without decomposition', 'straße.ærø@contoso.com', 'strasse.aero@new.example'],
    ['plus addressing', 'a+b#c@contoso.com', 'a-b-c@new.example'],
  ])('%s: %s → %s', (_, old, expected) => {
    expect(rewriteAddress(old, DOMAINS).address).toBe(expected);
  });

  it.each([
    ['no mapping', 'ann@elsewhere.example', 'domain-not-mapped'],
    ['mapped to drop', 'ann@contoso.onmicrosoft.com', 'domain-not-mapped'],
    ['no address', 'ann', 'not-an-address'],
    ['nothing left', 'почта@contoso.com', 'local-part-empty'],
  ])('%s: %s has no address, by rule %s', (_, old, rule) => {
    expect(rewriteAddress(old, DOMAINS)).toEqual({ address: null, rule });
  });

  it('reports a local part that had to change, and no other', () => {
    const changed = rewriteAddress('r&d@contoso.com', DOMAINS);
    const kept = rewriteAddress('ANN@contoso.com', DOMAINS);

    expect(changed).toMatchObject({ losses: [{ field: 'address', kind: 'changed' }] });
    expect(kept).toMatchObject({ losses: [] });
  });

  it('makes only local parts that Google takes, and keeps those it takes already', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), (local) => {
        const rewritten = rewriteLocalPart(local);

        expect(rewritten).toMatch(/^$|^(?!\.)(?!.*\.\.)[a-z0-9_'.-]{1,64}(?<!\.)$/);
        expect(rewriteLocalPart(rewritten)).toBe(rewritten);
      }),
    );
  });
});

describe('primarySmtp', () => {
  it('takes the capital prefix before mail and UPN', () => {
    const ann = user('ann', {
      userPrincipalName: 'ann@contoso.onmicrosoft.com',
      proxyAddresses: ['smtp:a@contoso.com', 'SMTP:Ann@contoso.com'],
      mail: 'x@contoso.com',
    });

    expect(primarySmtp(ann)).toBe('ann@contoso.com');
  });

  it('falls back to the UPN where there is neither SMTP entry nor mail', () => {
    expect(primarySmtp(user('ann', { proxyAddresses: [], mail: null }))).toBe('ann@contoso.com');
  });
});

describe('planAddresses', () => {
  it('case 1: an onmicrosoft UPN is in the map only', () => {
    const ann = user('ann', {
      userPrincipalName: 'ann@contoso.onmicrosoft.com',
      proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:ann@contoso.onmicrosoft.com'],
      mail: 'ann@contoso.com',
    });

    const { rows, primaries } = planAddresses([ann], [organisation()]);

    expect(primaries.get('ann')).toBe('ann@new.example');
    expect(addressBook(rows).resolve('ANN@contoso.onmicrosoft.com')).toBe('ann@new.example');
    expect(rows.map(({ old, rule }) => [old, rule])).toEqual([
      ['ann@contoso.com', 'primary'],
      ['ann@contoso.onmicrosoft.com', 'domain-not-mapped'],
    ]);
  });

  it('case 2: without a mapped domain there is no address', () => {
    const eve = user('eve', { userPrincipalName: 'eve@unmapped.example', proxyAddresses: [], mail: null });

    const plan = planAddresses([eve], [organisation()]);

    expect(plan.primaries.size).toBe(0);
    expect(plan.rows).toEqual([]);
  });

  it('case 4: an address that had to be folded gives way to one that did not', () => {
    const folded = user('a', { userPrincipalName: 'josé@contoso.com' });
    const plain = user('b', { userPrincipalName: 'jose@contoso.com' });

    const plan = planAddresses([folded, plain], [organisation()]);

    expect([plan.primaries.get('a'), plan.primaries.get('b')]).toEqual([
      'jose-2@new.example',
      'jose@new.example',
    ]);
    expect(plan.collisions).toEqual([
      {
        target: 'jose@new.example',
        kept: 'jose@contoso.com',
        lost: 'josé@contoso.com',
        clash: 'user-user',
        instead: 'jose-2@new.example',
      },
    ]);
  });

  it('ranks a user before a shared mailbox before a group', () => {
    const two = organisation({ domains: { 'contoso.com': 'new.example', 'other.example': 'new.example' } });
    const team = group('g', { mail: 'team@contoso.com' });
    const shared = user('s', { userPrincipalName: 'team@other.example', userPurpose: 'shared' });

    const plan = planAddresses([team, shared], [two]);

    expect(plan.primaries.get('s')).toBe('team@new.example');
    expect(plan.primaries.get('g')).toBe('team-2@new.example');
    expect(plan.collisions[0]?.clash).toBe('user-group');
  });

  it('leaves out an alias that is somebody’s primary address', () => {
    const ann = user('ann', { proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:bob@contoso.com'] });
    const bob = user('bob');

    const plan = planAddresses([ann, bob], [organisation()]);

    expect(plan.rows.find(({ old }) => old === 'bob@contoso.com')?.new).toBe('bob@new.example');
    expect(plan.collisions).toMatchObject([{ clash: 'alias-primary', instead: null }]);
  });

  it('gives one alias to one owner only', () => {
    const two = organisation({ domains: { 'contoso.com': 'new.example', 'other.example': 'new.example' } });
    const ann = user('ann', { proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:x@contoso.com'] });
    const bob = user('bob', { proxyAddresses: ['SMTP:bob@contoso.com', 'smtp:x@other.example'] });

    const rules = planAddresses([ann, bob], [two]).rows.filter(({ old }) => old.startsWith('x@'));

    expect(rules.map(({ rule }) => rule)).toEqual(['alias', 'taken']);
  });

  it('case 5: postmaster is no alias of a user', () => {
    const ann = user('ann', { proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:postmaster@contoso.com'] });

    expect(planAddresses([ann], [organisation()]).rows.at(1)?.rule).toBe('reserved');
  });

  it('case 25: webmaster is no alias of a group, though of a user it is', () => {
    const team = group('g', { proxyAddresses: ['SMTP:g@contoso.com', 'smtp:webmaster@contoso.com'] });
    const ann = user('ann', { proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:webmaster@contoso.com'] });

    expect(planAddresses([team], [organisation()]).rows.at(1)?.rule).toBe('reserved');
    expect(planAddresses([ann], [organisation()]).rows.at(1)?.rule).toBe('alias');
  });

  it('case 6: the first 30 aliases stay aliases, 12 more become groups of one', () => {
    const aliases = Array.from({ length: 42 }, (_, index) => `smtp:a${index}@contoso.com`);
    const ann = user('ann', { proxyAddresses: ['SMTP:ann@contoso.com', ...aliases] });

    const rules = Map.groupBy(planAddresses([ann], [organisation()]).rows, ({ rule }) => rule);

    expect(rules.get('alias')?.length).toBe(30);
    expect(rules.get('group-of-one')?.length).toBe(12);
  });

  it('case 9: an X500 address resolves in any case and with its prefix', () => {
    const ann = user('ann', {
      proxyAddresses: ['SMTP:ann@contoso.com', 'X500:/o=ExchangeLabs/ou=Group/cn=Recipients/cn=1234-ann'],
    });

    const addresses = addressBook(planAddresses([ann], [organisation()]).rows);

    expect(addresses.resolve('/O=ExchangeLabs/OU=Group/CN=Recipients/CN=1234-ANN')).toBe('ann@new.example');
    expect(addresses.resolve('x500:/o=exchangelabs/ou=group/cn=recipients/cn=1234-ann')).toBe(
      'ann@new.example',
    );
  });

  it('case 11: a guest’s UPN leads to the outside address', () => {
    const guest = user('g', {
      userPrincipalName: 'bob_fab.com#EXT#@contoso.onmicrosoft.com',
      userType: 'Guest',
      mail: 'bob@fab.com',
      proxyAddresses: [],
    });

    const plan = planAddresses([guest], [organisation()]);

    expect(plan.primaries.size).toBe(0);
    expect(addressBook(plan.rows).resolve('bob_fab.com#ext#@contoso.onmicrosoft.com')).toBe('bob@fab.com');
  });

  it('keeps targets that the operator has chosen', () => {
    const chosen = new Map([['ann@contoso.com', 'a.example@new.example']]);

    const plan = planAddresses([user('ann')], [organisation()], chosen);

    expect(plan.rows).toContainEqual({
      old: 'ann@contoso.com',
      new: 'a.example@new.example',
      kind: 'smtp',
      rule: 'primary',
    });
  });

  it('does not depend on the order of the listing', () => {
    const people = [
      user('a', { userPrincipalName: 'jósé@contoso.com' }),
      user('b', { userPrincipalName: 'josé@contoso.com' }),
    ];

    const forward = planAddresses(people, [organisation()]).primaries;
    const backward = planAddresses([...people].reverse(), [organisation()]).primaries;

    expect(new Map([...backward].sort())).toEqual(new Map([...forward].sort()));
  });

  it('never gives one address to two holders', () => {
    const local = fc.stringMatching(/^[a-cé.&]{1,3}$/);
    fc.assert(
      fc.property(fc.uniqueArray(local, { maxLength: 12 }), (locals) => {
        const holders = locals.map((name, index) =>
          index % 3 === 0
            ? group(`g${index}`, { mail: `${name}@contoso.com` })
            : user(`u${index}`, { userPrincipalName: `${name}@contoso.com` }),
        );

        const targets = [...planAddresses(holders, [organisation()]).primaries.values()];

        expect(new Set(targets).size).toBe(targets.length);
      }),
    );
  });
});

describe('addressBook', () => {
  it('lists every old address of a new one', () => {
    const addresses = addressBook([
      { old: 'Ann@old.example', new: 'ann@new.example', kind: 'smtp', rule: 'primary' },
      { old: 'a@old.example', new: 'ann@new.example', kind: 'smtp', rule: 'alias' },
      { old: 'gone@old.example', new: '', kind: 'smtp', rule: 'alias' },
    ]);

    expect(addresses.aliasesOf('ANN@new.example')).toEqual(['ann@old.example', 'a@old.example']);
    expect(addresses.resolve('gone@old.example')).toBeNull();
  });
});

describe('isMailAddress', () => {
  it.each([
    ['ann@contoso.com', true],
    ['/o=x/cn=y', false],
    ['', false],
    ['a b@c.d', false],
    ['<a@b.c>', false],
    [null, false],
  ])('%s: %s', (text, expected) => {
    expect(isMailAddress(text)).toBe(expected);
  });
});
