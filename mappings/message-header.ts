import type { Loss } from '../src/core/types.ts';
import { isMailAddress } from './addresses.ts';
import { sha256Hex } from './digest.ts';
import {
  addField,
  fieldsNamed,
  fieldValue,
  type HeaderBlock,
  headerBytes,
  parseHeaderBlock,
  setAside,
  setValue,
} from './header-block.ts';
import { formatMailDate, parseMailDate } from './mail-dates.ts';

/** What the source says of a message beside its header. */
export interface HeaderFacts {
  /** Immutable id of the (first) copy, from which a missing Message-ID is made. */
  immutableId: string;
  /** Message-ID as the source lists it, with or without brackets. */
  internetMessageId: string | null;
  /** UTC ISO times. */
  sentDateTime: string | null;
  receivedDateTime: string | null;
  fromAddress: string | null;
  /** Address that a draft without sender is from. */
  ownerAddress: string;
  isDraft: boolean;
  isUnread: boolean;
}

/** The choice of the operator that decides about headers. */
export interface HeaderPolicy {
  readReceipts: 'neutralise' | 'keep';
}

/** A header that Gmail takes, and what was learnt on the way. */
export interface EditedHeader {
  header: Uint8Array;
  /** Without angle brackets. */
  messageId: string;
  losses: Loss[];
  /** True when the message has passed a mail server. */
  hasReceived: boolean;
  /** True for a rights-protected container (`Content-Class: rpmsg.message`). */
  isProtected: boolean;
}

/** Sender of mail that names none (mapping 3.5, repair of Gmail's "Expected a single 'From' header"). */
export const UNKNOWN_SENDER = 'unknown@migrated.invalid';

const RECEIPT_FIELDS = ['Disposition-Notification-To', 'Return-Receipt-To', 'X-Confirm-Reading-To'];
const MAX_DATE_SKEW_MS = 30 * 86_400_000;

/**
 * The header with the least that Gmail needs: one Message-ID in brackets, one Date that can be read, one From.
 * Whatever stands in the way keeps its value under an `X-Original-…` name; every other byte stays. On unread mail
 * the fields that ask for a read receipt are set aside too, so that opening it sends nothing.
 */
export function editHeader(header: Uint8Array, facts: HeaderFacts, policy: HeaderPolicy): EditedHeader {
  const block = parseHeaderBlock(header);
  const losses: Loss[] = [];
  if (facts.isUnread && !facts.isDraft && policy.readReceipts === 'neutralise')
    setReceiptsAside(block, losses);
  keepOne(block, 'Subject', () => true, losses);
  editFrom(block, facts, losses);
  editDate(block, facts, losses);
  const messageId = editMessageId(block, facts, losses);
  const contentClass = fieldsNamed(block, 'content-class').map((piece) => fieldValue(piece).toLowerCase());
  return {
    header: losses.some(({ kind }) => kind !== 'weakened') ? headerBytes(block) : header,
    messageId,
    losses,
    hasReceived: fieldsNamed(block, 'received').length > 0,
    isProtected: contentClass.some((value) => value.startsWith('rpmsg.message')),
  };
}

/** The Message-ID without brackets and blanks; null where there is none. */
export function bareMessageId(value: string | null): string | null {
  const inner = /<([^<>]*)>/.exec(value ?? '')?.[1] ?? value ?? '';
  const bare = inner.replace(/[<>\s]/g, '');
  return bare === '' ? null : bare;
}

/** The Message-ID that ferry gives to mail without one; the same for the same immutable id. */
export function syntheticMessageId(immutableId: string): string {
  return `${sha256Hex(immutableId).slice(0, 32)}@migrated.invalid`;
}

function setReceiptsAside(block: HeaderBlock, losses: Loss[]): void {
  for (const name of RECEIPT_FIELDS) {
    const pieces = fieldsNamed(block, name.toLowerCase());
    for (const piece of pieces) setAside(piece);
    if (pieces.length > 0) losses.push({ field: name, kind: 'changed', reason: 'read-receipt-neutralised' });
  }
}

/** Leaves one field of a name: the first that is valid, else none; all others are set aside. */
function keepOne(
  block: HeaderBlock,
  name: string,
  isValid: (value: string) => boolean,
  losses: Loss[],
): string | null {
  const pieces = fieldsNamed(block, name.toLowerCase());
  const kept = pieces.find((piece) => isValid(fieldValue(piece)));
  for (const piece of pieces) if (piece !== kept) setAside(piece);
  if (kept !== undefined && pieces.length > 1)
    losses.push({ field: name, kind: 'changed', reason: 'duplicate-field' });
  return kept === undefined ? null : fieldValue(kept);
}

function editFrom(block: HeaderBlock, facts: HeaderFacts, losses: Loss[]): void {
  const wasThere = fieldsNamed(block, 'from').length > 0;
  if (keepOne(block, 'From', isSender, losses) !== null) return;
  const owner = facts.isDraft ? facts.ownerAddress : null;
  const sender = [facts.fromAddress, owner].find((address) => isMailAddress(address) && isAscii(address));
  addField(block, 'From', `<${sender ?? UNKNOWN_SENDER}>`);
  losses.push({ field: 'From', ...whyAdded(wasThere) });
}

/** Something with an address in it, readable or inside an encoded word. */
function isSender(value: string): boolean {
  return /[^\s<>]@[^\s<>]/.test(value) || value.includes('=?');
}

function isAscii(text: string | null | undefined): boolean {
  return /^[!-~]+$/.test(text ?? '');
}

/** A date that cannot be read stays where nothing better is known. */
function editDate(block: HeaderBlock, facts: HeaderFacts, losses: Loss[]): void {
  const pieces = fieldsNamed(block, 'date');
  const isReadable = (text: string) => parseMailDate(text) !== null;
  const received = instantOf(facts.receivedDateTime);
  const better = instantOf(facts.sentDateTime) ?? received;
  if (better === null && !pieces.some((piece) => isReadable(fieldValue(piece)))) return;
  const value = keepOne(block, 'Date', isReadable, losses);
  if (value === null) {
    addField(block, 'Date', formatMailDate(better ?? 0));
    losses.push({ field: 'Date', ...whyAdded(pieces.length > 0) });
    return;
  }
  const skew = received === null ? 0 : Math.abs((parseMailDate(value) ?? received) - received);
  if (skew > MAX_DATE_SKEW_MS && !facts.isDraft)
    losses.push({ field: 'Date', kind: 'weakened', reason: 'date-far-from-received' });
}

function editMessageId(block: HeaderBlock, facts: HeaderFacts, losses: Loss[]): string {
  const wasThere = fieldsNamed(block, 'message-id').length > 0;
  const value = keepOne(block, 'Message-ID', (text) => bareMessageId(text) !== null, losses);
  const own = bareMessageId(value);
  if (own === null) {
    const messageId =
      asciiId(bareMessageId(facts.internetMessageId)) ?? syntheticMessageId(facts.immutableId);
    addField(block, 'Message-ID', `<${messageId}>`);
    losses.push({ field: 'Message-ID', ...whyAdded(wasThere) });
    return messageId;
  }
  if (!/<[^<>]+>/.test(value ?? '')) {
    for (const piece of fieldsNamed(block, 'message-id')) setValue(piece, `<${own}>`);
    losses.push({ field: 'Message-ID', kind: 'changed', reason: 'brackets-missing' });
  }
  return own;
}

function asciiId(id: string | null): string | null {
  return id !== null && isAscii(id) ? id : null;
}

function whyAdded(wasThere: boolean): Pick<Loss, 'kind' | 'reason'> {
  return wasThere
    ? { kind: 'changed', reason: 'unreadable-in-source' }
    : { kind: 'added', reason: 'missing-in-source' };
}

function instantOf(iso: string | null): number | null {
  const instant = iso === null ? Number.NaN : Date.parse(iso);
  return Number.isNaN(instant) ? null : instant;
}
