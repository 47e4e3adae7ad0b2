import { z } from 'zod';
import type { GraphMessageState } from '../../src/core/microsoft.ts';
import { fieldOf } from './answers.ts';
import { filledText, flag, listOf, text, texts } from './schemas.ts';

const id = z.string().min(1);

const folder = z.object({
  id,
  '@odata.type': text,
  displayName: z.string().catch(''),
  parentFolderId: text,
  isHidden: flag,
  totalItemCount: z.number().catch(0),
});

export const folderSelect = 'id,displayName,parentFolderId,childFolderCount,totalItemCount,isHidden';

/** A folder as Graph lists it, before its place in the tree is known. */
export type FolderAnswer = z.output<typeof folder>;

export function parseFolder(json: unknown): FolderAnswer | null {
  const parsed = folder.safeParse(json);
  return parsed.success ? parsed.data : null;
}

export function isSearchFolderType(folderAnswer: FolderAnswer): boolean {
  return /searchfolder$/i.test(folderAnswer['@odata.type'] ?? '');
}

const property = z.object({ id: z.string(), value: z.union([z.string(), z.number()]) });

const message = z.object({
  id,
  changeKey: text,
  '@odata.etag': text,
  parentFolderId: text,
  isRead: z.boolean().catch(true),
  isDraft: flag,
  flag: z
    .object({ flagStatus: z.enum(['notFlagged', 'flagged', 'complete']) })
    .catch({ flagStatus: 'notFlagged' }),
  importance: z.enum(['low', 'normal', 'high']).catch('normal'),
  categories: texts,
  receivedDateTime: text,
  sentDateTime: text,
  internetMessageId: filledText,
  from: z
    .object({ emailAddress: z.object({ address: filledText }) })
    .nullable()
    .catch(null),
  isReadReceiptRequested: flag,
  singleValueExtendedProperties: listOf(property),
});

/** Everything that a message's state is made of; no subject and no body. */
export const messageSelect =
  'id,changeKey,parentFolderId,isRead,isDraft,flag,importance,categories,receivedDateTime,sentDateTime,' +
  'internetMessageId,from,isReadReceiptRequested';

/**
 * PidTagMessageSize and PidTagMessageClass, which v1.0 messages show only so.
 * Source: https://learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get, field reports on the tags.
 */
export const messageExpand =
  "singleValueExtendedProperties($filter=id eq 'Integer 0x0E08' or id eq 'String 0x001A')";
const SIZE_TAG = 0x0e08;
const CLASS_TAG = 0x001a;

/** One message of a listing: its state with the folder that the service names, and its size. */
export interface MessageAnswer {
  id: string;
  parentFolderId: string | null;
  bytes: number | null;
  state: Omit<GraphMessageState, 'folderId'>;
}

/** Null where the element has no id. */
export function parseMessage(json: unknown): MessageAnswer | null {
  const parsed = message.safeParse(json);
  if (!parsed.success) return null;
  const {
    id: key,
    parentFolderId,
    flag: followUp,
    from,
    singleValueExtendedProperties: properties,
    changeKey,
    '@odata.etag': etag,
    ...fields
  } = parsed.data;
  const messageClass = propertyOf(properties, CLASS_TAG);
  const size = Number(propertyOf(properties, SIZE_TAG) ?? Number.NaN);
  return {
    id: key,
    parentFolderId,
    bytes: Number.isSafeInteger(size) && size >= 0 ? size : null,
    state: {
      kind: 'message',
      ...fields,
      flagStatus: followUp.flagStatus,
      fromAddress: from?.emailAddress.address ?? null,
      messageClass: messageClass === null || messageClass === '' ? null : String(messageClass),
      changeKey: changeKey ?? changeKeyOf(etag),
    },
  };
}

/** Property ids come back in other spellings than they were asked in (`String 0x1a`): the tag's number decides. */
function propertyOf(properties: readonly z.output<typeof property>[], tag: number): string | number | null {
  const found = properties.find((each) => {
    const hex = /^\w+ 0x([0-9a-f]+)$/i.exec(each.id.trim())?.[1];
    return hex !== undefined && Number.parseInt(hex, 16) === tag;
  });
  return found?.value ?? null;
}

/** An Outlook item's ETag is its change key: `W/"…"`. */
function changeKeyOf(etag: string | null): string {
  return etag?.replace(/^W\//, '').replaceAll('"', '') ?? '';
}

/** True for an element of a delta page that tells of a removal. */
export function isRemoval(json: unknown): boolean {
  return fieldOf(json, '@removed') !== undefined && fieldOf(json, '@removed') !== null;
}

/** The id of any element; null where it has none. */
export function idOf(json: unknown): string | null {
  const value = fieldOf(json, 'id');
  return typeof value === 'string' && value !== '' ? value : null;
}
