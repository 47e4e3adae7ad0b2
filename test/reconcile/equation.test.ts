import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageFact } from '../../src/core/facts.ts';
import { applyClaims } from '../../src/reconcile/claims.ts';
import { closes, FATES } from '../../src/reconcile/equation.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import { type CheckEstate, checkOptions, cleanEstate } from '../support/check-estate.ts';
import { ANN, AS_OF, message } from '../support/fact-builders.ts';

const FOLDERS = [
  'f-inbox',
  'f-sentitems',
  'f-projects',
  'f-acme',
  'f-archive',
  'f-deleteditems',
  'f-junkemail',
];
const LABELS: Record<string, string[]> = {
  'f-inbox': ['INBOX'],
  'f-sentitems': ['SENT'],
  'f-projects': ['Label_1'],
  'f-acme': ['Label_2'],
  'f-archive': [],
  'f-deleteditems': ['TRASH'],
};

interface Copy {
  folder: string;
  messageId: number | null;
  body: number;
  read: boolean;
  starred: boolean;
  later: boolean;
  large: boolean;
}

const copies = fc.array(
  fc.record({
    folder: fc.constantFrom(...FOLDERS),
    messageId: fc.option(fc.nat(12), { freq: 6 }),
    body: fc.nat(2),
    read: fc.boolean(),
    starred: fc.boolean(),
    later: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
    large: fc.integer({ min: 0, max: 19 }).map((one) => one === 0),
  }),
  { maxLength: 40 },
);

/** What a right migration makes of these copies: one message for each Message-ID and body. */
function moved(sources: readonly MessageFact[]): MessageFact[] {
  const kept = sources.filter(({ containers, bytes }) => containers[0] !== 'f-junkemail' && bytes === 2000);
  const groups = Map.groupBy(kept, ({ id, messageId, bodyHash }) =>
    messageId === null ? `none ${id}` : `${messageId} ${bodyHash}`,
  );
  return [...groups.values()].map((group, index) => {
    const first = group[0]!;
    const labels = [...new Set(group.flatMap(({ containers }) => LABELS[containers[0]!]!))];
    const elsewhere = group.some(({ containers }) => containers[0] !== 'f-deleteditems');
    const containers = labels.filter((one) => one !== 'TRASH' || !elsewhere);
    return {
      ...first,
      id: `g${index}`,
      messageId: first.messageId ?? `x${index}@migrated.invalid`,
      containers,
      read: group.some(({ read }) => read) || containers.includes('SENT'),
      starred: group.some(({ starred }) => starred),
    };
  });
}

function estateOf(sources: readonly Copy[]): CheckEstate {
  const estate = cleanEstate();
  const messages = sources.map((copy, index) => {
    // Copies of one message are of one size, and what differs in size differs in content.
    const isLarge = copy.messageId === null ? copy.large : copy.messageId === 12;
    const content = `${copy.messageId} ${copy.body} ${isLarge}`;
    return message(`s${index}`, [copy.folder], {
      messageId: copy.messageId === null ? null : `id${copy.messageId}@mail.example`,
      bodyHash: `body ${content}`,
      headerHash: `head ${content}`,
      bytesHash: `bytes ${content}`,
      read: copy.read,
      starred: copy.starred,
      bytes: isLarge ? 200_000_000 : 2000,
      modifiedAt: copy.later ? AS_OF + 1 : AS_OF - 1,
    });
  });
  estate.source.account(ANN).messages = messages;
  estate.target.account(ANN).messages = moved(messages);
  return estate;
}

type Damage = { kind: 'delete' | 'double' | 'mark' | 'relabel' | 'extra' | 'alter'; at: number };
const damages = fc.array(
  fc.record({
    kind: fc.constantFrom<Damage['kind']>('delete', 'double', 'mark', 'relabel', 'extra', 'alter'),
    at: fc.nat(100),
  }),
  { maxLength: 8 },
);

function inflict(estate: CheckEstate, { kind, at }: Damage, index: number): void {
  const { messages } = estate.target.account(ANN);
  if (kind === 'extra') messages.push(message(`extra${index}`, ['INBOX']));
  const victim = messages[at % Math.max(1, messages.length)];
  if (victim === undefined) return;
  if (kind === 'delete') messages.splice(messages.indexOf(victim), 1);
  if (kind === 'double') messages.push({ ...victim, id: `double${index}` });
  if (kind === 'mark') victim.read = !victim.read;
  if (kind === 'relabel') victim.containers = ['Label_3'];
  if (kind === 'alter') Object.assign(victim, { bodyHash: 'altered', bytesHash: 'altered' });
}

async function check(estate: CheckEstate, depth: 'items' | 'content') {
  const result = await reconcile(checkOptions(estate, { depth, workloads: new Set(['mail']) }));
  const [ann] = result.principals;
  return { result, numbers: ann!.workloads.mail!, findings: [...result.store.findings()] };
}

const depths = fc.constantFrom('items' as const, 'content' as const);

describe('the equation', () => {
  it('closes without a finding for any mailbox that was moved rightly', async () => {
    await fc.assert(
      fc.asyncProperty(copies, depths, async (sources, depth) => {
        const { result, numbers, findings } = await check(estateOf(sources), depth);
        result.store.close();

        expect(findings).toEqual([]);
        expect(numbers.source).toBe(sources.length);
        expect(closes(numbers)).toBe(true);
        expect(FATES.reduce((sum, fate) => sum + numbers[fate], 0)).toBe(sources.length);
      }),
      { numRuns: 60 },
    );
  });

  it('closes for any mailbox after any damage, and its numbers are those of the findings', async () => {
    await fc.assert(
      fc.asyncProperty(copies, damages, depths, async (sources, harms, depth) => {
        const estate = estateOf(sources);
        for (const [index, harm] of harms.entries()) inflict(estate, harm, index);

        const { result, numbers, findings } = await check(estate, depth);
        result.store.close();

        const count = (kind: string) => findings.filter((finding) => finding.kind === kind).length;
        expect(closes(numbers)).toBe(true);
        expect(numbers.source).toBe(sources.length);
        for (const kind of ['missing', 'extra', 'duplicate', 'differ'] as const)
          expect(numbers[kind]).toBe(count(kind));
        expect(result.unexplainedDifferences).toBe(findings.length);
        expect(new Set(findings.map(({ findingId }) => findingId)).size).toBe(findings.length);
      }),
      { numRuns: 80 },
    );
  });

  it('stays closed under any claims, which change neither findings nor verdict', async () => {
    const claims = fc.array(
      fc.record({
        item: fc.nat(40),
        status: fc.constantFrom('failed', 'written', 'too-large', 'excluded'),
        reason: fc.constantFrom('', 'invalid-message', 'quota'),
      }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(copies, claims, async (sources, claimed) => {
        const estate = estateOf(sources);
        estate.target.account(ANN).messages.splice(0, 10);
        const { result, findings } = await check(estate, 'items');

        const after = await applyClaims(
          result,
          claimed.map(({ item, status, reason }) => ({
            organisation: 'regulator',
            source: ANN,
            workload: 'mail' as const,
            container: '',
            itemKey: `s${item}`,
            identity: null,
            status,
            reason,
          })),
        );

        const numbers = after.principals[0]!.workloads.mail!;
        const explained = new Set(
          claimed
            .filter(({ status, reason }) => status !== 'written' && reason !== '')
            .map(({ item }) => `s${item}`),
        );
        const failed = findings.filter(({ item, kind }) => kind === 'missing' && explained.has(item)).length;
        expect(closes(numbers)).toBe(true);
        expect(numbers.failed).toBe(failed);
        expect([...after.store.findings()]).toEqual(findings);
        expect(after.verdict).toBe(result.verdict);
        result.store.close();
      }),
      { numRuns: 40 },
    );
  });
});
