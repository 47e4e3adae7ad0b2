import { describe, expect, it } from 'vitest';
import { cleanUid, deterministicEventId, syntheticUid } from '../../mappings/event-uid.ts';

const HEAD = '040000008200E00074C5B7101A82E008';
const TAIL = '30D5A34C1F2ED80100000000000000001000000012345678901234567890123456789012';

describe('cleanUid', () => {
  const foreign = `${HEAD}00000000${'0'.repeat(16)}0000000000000000${'33000000'}7643616C2D55696401000000${Buffer.from('abc@google.com\0').toString('hex').toUpperCase()}`;

  it.each([
    ['the master', `${HEAD}00000000${TAIL}`, `${HEAD}00000000${TAIL}`],
    ['an occurrence', `${HEAD}07EA0401${TAIL}`, `${HEAD}00000000${TAIL}`],
    ['lower case', `${HEAD}00000000${TAIL}`.toLowerCase(), `${HEAD}00000000${TAIL}`],
    ['a UID of another system inside', foreign, 'abc@google.com'],
    ['a UID of another system', 'abc@google.com', 'abc@google.com'],
    ['hex that is none of Exchange', 'ABCDEF0123', 'ABCDEF0123'],
    ['nothing', ' ', null],
    ['null', null, null],
  ])('%s', (_, uid, expected) => {
    expect(cleanUid(uid)).toBe(expected);
  });
});

describe('ids of our own', () => {
  it('are the same for the same event, and fit Calendar', () => {
    const id = deterministicEventId('t', 'ann@contoso.com', 'e');

    expect(id).toMatch(/^[0-9a-v]{52}$/);
    expect(deterministicEventId('t', 'ann@contoso.com', 'e')).toBe(id);
    expect(deterministicEventId('t', 'bob@contoso.com', 'e')).not.toBe(id);
    expect(syntheticUid('ann@contoso.com', 'e')).toMatch(/^[0-9a-f]{64}@migrated\.invalid$/);
  });
});
