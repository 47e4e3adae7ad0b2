import type { Json, Loss, Receipt } from '../core/types.ts';
import { type Packer, Unpacker } from './packing.ts';
import { codeOf, outcomeOf, type Row } from './rows.ts';
import { packShared, packText, unpackText, type Vocabulary } from './texts.ts';

/** What became of an item so far. */
export type Ending = Pick<
  Row,
  | 'settledVersion'
  | 'settledStatus'
  | 'receipt'
  | 'attempts'
  | 'losses'
  | 'reason'
  | 'fingerprint'
  | 'begunAt'
  | 'begunVersion'
>;

/** What a packed ending holds, one bit each, the frequent ones low. */
const HAS = {
  settledVersion: 1,
  receipt: 2,
  attempts: 4,
  losses: 8,
  reason: 16,
  settledOther: 32,
  fingerprint: 64,
  begunAt: 128,
  begunVersion: 256,
  begunOther: 512,
  receiptLosses: 1_024,
} as const;

/** Packs an ending beside the version that the item has now. Zeros behind it mean nothing. */
export function packEnding(packer: Packer, ending: Ending, version: string, words: Vocabulary): void {
  const { settledVersion, settledStatus, receipt, losses, reason, fingerprint } = ending;
  const has = contentsOf(ending, version);
  packer.whole(has);
  if (settledVersion !== null) packer.whole(settledStatus === null ? 0 : codeOf(settledStatus));
  if (settledVersion !== null && has & HAS.settledOther) packText(packer, settledVersion);
  if (receipt !== null) packReceipt(packer, receipt, words);
  if (ending.attempts > 0) packer.whole(ending.attempts);
  if (losses.length > 0) packShared(packer, JSON.stringify(losses), words);
  if (reason !== null) packShared(packer, reason, words);
  if (fingerprint !== null) packFingerprint(packer, fingerprint);
  if (ending.begunAt !== null) packer.number(ending.begunAt);
  if (ending.begunVersion !== null && has & HAS.begunOther) packText(packer, ending.begunVersion);
}

/** Reads what `packEnding` wrote beside the same version. */
export function unpackEnding(bytes: Uint8Array, version: string, words: Vocabulary): Ending {
  const unpacker = new Unpacker(bytes);
  const has = unpacker.whole();
  const text = () => unpackText(unpacker, words) ?? '';
  const versionIf = (bit: number, other: number) => (has & other ? text() : has & bit ? version : null);
  const settledStatus = has & HAS.settledVersion ? outcomeOf(unpacker.whole()) : null;
  return {
    settledStatus,
    settledVersion: versionIf(HAS.settledVersion, HAS.settledOther),
    receipt: has & HAS.receipt ? unpackReceipt(text, (has & HAS.receiptLosses) !== 0) : null,
    attempts: has & HAS.attempts ? unpacker.whole() : 0,
    losses: has & HAS.losses ? (JSON.parse(text()) as Loss[]) : [],
    reason: has & HAS.reason ? text() : null,
    fingerprint: has & HAS.fingerprint ? unpackFingerprint(unpacker, text) : null,
    begunAt: has & HAS.begunAt ? unpacker.number() : null,
    begunVersion: versionIf(HAS.begunVersion, HAS.begunOther),
  };
}

function contentsOf(ending: Ending, version: string): number {
  const { settledVersion, begunVersion, receipt } = ending;
  const parts: [number, boolean][] = [
    [HAS.settledVersion, settledVersion !== null],
    [HAS.settledOther, settledVersion !== null && settledVersion !== version],
    [HAS.receipt, receipt !== null],
    [HAS.receiptLosses, receipt?.losses !== undefined],
    [HAS.attempts, ending.attempts > 0],
    [HAS.losses, ending.losses.length > 0],
    [HAS.reason, ending.reason !== null],
    [HAS.fingerprint, ending.fingerprint !== null],
    [HAS.begunAt, ending.begunAt !== null],
    [HAS.begunVersion, begunVersion !== null],
    [HAS.begunOther, begunVersion !== null && begunVersion !== version],
  ];
  return parts.reduce((sum, [bit, isThere]) => sum + (isThere ? bit : 0), 0);
}

function packReceipt(packer: Packer, { targetId, wrote, losses }: Receipt, words: Vocabulary): void {
  packText(packer, targetId);
  packShared(packer, JSON.stringify(wrote ?? null), words);
  if (losses !== undefined) packShared(packer, JSON.stringify(losses), words);
}

function unpackReceipt(text: () => string, hasLosses: boolean): Receipt {
  const targetId = text();
  const wrote = JSON.parse(text()) as Json;
  return hasLosses ? { targetId, wrote, losses: JSON.parse(text()) as Loss[] } : { targetId, wrote };
}

/** The engine's form, a number and a digest, without its colon; any other text as it is. */
function packFingerprint(packer: Packer, fingerprint: string): void {
  const [, number, digest] = /^(0|[1-9]\d{0,8}):(.*)$/s.exec(fingerprint) ?? [];
  packer.whole(number === undefined ? 0 : Number(number) + 1);
  packText(packer, digest ?? fingerprint);
}

function unpackFingerprint(unpacker: Unpacker, text: () => string): string {
  const number = unpacker.whole();
  return number === 0 ? text() : `${number - 1}:${text()}`;
}
