import type { StoredMessage } from './mailbox.ts';

/** What of a message a search looks at; header fields are read only when a term asks for them. */
export interface Searchable {
  message: StoredMessage;
  labelNames(): readonly string[];
  header(name: string): string;
}

/** A parsed search. `ids` = the Message-IDs one of which a match must have, where the search says so much. */
export interface Search {
  matches(candidate: Searchable): boolean;
  messageIds: readonly string[] | null;
  /** True where the search itself names Spam, Trash or everything. */
  isAnywhere: boolean;
}

type Term =
  | { op: 'and'; of: Term[] }
  | { op: 'or'; of: Term[] }
  | { op: 'not'; of: Term }
  | { op: 'is'; field: string; value: string };

/**
 * Parses Gmail's search box language as far as migrations use it: `rfc822msgid: label: in: is: from: to: subject:
 * before: after: larger: smaller: has:`, quotes, `-`, `OR`, `( )` and `{ }` (= any of).
 * Source: support.google.com/mail/answer/7190.
 */
export function parseSearch(text: string): Search {
  const tokens = text.match(/-?[\w]+:"[^"]*"|"[^"]*"|[(){}]|-?[^\s(){}]*:[^\s){}(]+|[^\s(){}]+/g) ?? [];
  const reader = { tokens, at: 0 };
  const term = readSequence(reader, 'and', null);
  const anywhere = /\b(in:(anywhere|trash|spam)|label:(trash|spam)|is:(trash|spam))\b/i.test(text);
  return {
    matches: (candidate) => holds(term, candidate),
    messageIds: messageIdsOf(term),
    isAnywhere: anywhere,
  };
}

interface Reader {
  tokens: readonly string[];
  at: number;
}

function readSequence(reader: Reader, op: 'and' | 'or', close: string | null): Term {
  const of: Term[] = [];
  while (reader.at < reader.tokens.length) {
    const token = reader.tokens[reader.at++] ?? '';
    if (token === close) break;
    const joins = token === 'OR' || token === '|';
    if (token === 'AND' || (joins && of.length === 0)) continue;
    const term = joins ? readTerm(reader, reader.tokens[reader.at++] ?? '') : readTerm(reader, token);
    const before = of.at(-1);
    if (joins && before) of[of.length - 1] = { op: 'or', of: [before, term] };
    else of.push(term);
  }
  return { op, of };
}

function readTerm(reader: Reader, token: string): Term {
  if (token === '(') return readSequence(reader, 'and', ')');
  if (token === '{') return readSequence(reader, 'or', '}');
  if (token === '-') return { op: 'not', of: readTerm(reader, reader.tokens[reader.at++] ?? '') };
  if (token.startsWith('-') && token.length > 1) return { op: 'not', of: readTerm(reader, token.slice(1)) };
  const at = token.indexOf(':');
  const isField = at > 0 && /^\w+$/.test(token.slice(0, at));
  const value = (isField ? token.slice(at + 1) : token).replace(/^"|"$/g, '');
  return { op: 'is', field: isField ? token.slice(0, at).toLowerCase() : 'text', value };
}

function messageIdsOf(term: Term): string[] | null {
  if (term.op === 'is') return term.field === 'rfc822msgid' ? [bare(term.value)] : null;
  if (term.op === 'not') return null;
  const below = term.of.map((one) => messageIdsOf(one));
  if (term.op === 'and') return below.find((ids) => ids !== null) ?? null;
  return below.every((ids) => ids !== null) ? below.flatMap((ids) => ids ?? []) : null;
}

function bare(messageId: string): string {
  return messageId.replace(/^<|>$/g, '');
}

function holds(term: Term, candidate: Searchable): boolean {
  if (term.op === 'not') return !holds(term.of, candidate);
  if (term.op === 'and') return term.of.every((one) => holds(one, candidate));
  if (term.op === 'or') return term.of.some((one) => holds(one, candidate));
  return meets(term.field, term.value, candidate);
}

function meets(field: string, value: string, candidate: Searchable): boolean {
  const { message } = candidate;
  const folded = value.toLowerCase();
  switch (field) {
    case 'rfc822msgid':
      return message.messageId?.toLowerCase() === bare(folded);
    case 'label':
      return candidate.labelNames().some((name) => foldLabel(name) === foldLabel(value));
    case 'in':
    case 'is':
      return isPlace(folded, candidate);
    case 'from':
    case 'to':
    case 'cc':
    case 'subject':
      return candidate.header(field).toLowerCase().includes(folded);
    case 'before':
    case 'older':
      return message.internalDate < instantOf(value);
    case 'after':
    case 'newer':
      return message.internalDate >= instantOf(value);
    case 'larger':
    case 'size':
      return message.place.bytes > sizeOf(value);
    case 'smaller':
      return message.place.bytes < sizeOf(value);
    case 'text':
      return candidate.header('subject').toLowerCase().includes(folded);
    default:
      return false;
  }
}

function foldLabel(name: string): string {
  return name.toLowerCase().replace(/[\s/_-]+/g, '-');
}

function isPlace(place: string, { message }: Searchable): boolean {
  if (place === 'anywhere') return true;
  if (place === 'read') return !message.labels.includes('UNREAD');
  const label = place === 'drafts' ? 'DRAFT' : place.toUpperCase();
  return message.labels.includes(label);
}

function instantOf(value: string): number {
  if (/^\d{9,}$/.test(value)) return Number(value) * 1000;
  const parsed = Date.parse(`${value.replaceAll('/', '-')}T00:00:00Z`);
  return Number.isNaN(parsed) ? 0 : parsed;
}

function sizeOf(value: string): number {
  const [, number = '0', unit = ''] = /^(\d+)([km]?)/i.exec(value) ?? [];
  const factor = { '': 1, k: 1_024, m: 1_048_576 }[unit.toLowerCase()] ?? 1;
  return Number(number) * factor;
}
