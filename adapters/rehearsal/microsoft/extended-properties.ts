import type { EstateMessage } from '../estate/types.ts';
import type { Expansion } from './query.ts';
import { badRequest } from './refusal.ts';

/** One MAPI property as Graph shows it; `id` comes in Exchange's own spelling (`String 0x1a`), whatever was asked. */
export interface ExtendedProperty {
  id: string;
  value: string;
}

/**
 * The properties that `$expand=singleValueExtendedProperties($filter=id eq '…' or id eq '…')` asks for, as far as the
 * message has them. Source: Graph, singleValueLegacyExtendedProperty page.
 */
export function expandProperties(
  expansion: Expansion,
  message: EstateMessage,
  mime: () => Uint8Array | null,
): ExtendedProperty[] {
  const filter = expansion.options['$filter'];
  const asked = [...(filter ?? '').matchAll(/id\s+eq\s+'([^']+)'/gi)].map((found) => found[1] ?? '');
  if (asked.length === 0) {
    throw badRequest(
      'The $filter option of singleValueExtendedProperties must name at least one property id.',
    );
  }
  return asked.flatMap((id) => {
    const property = parseId(id);
    const value = property ? mapiValue(property, message, mime) : null;
    return property && value !== null
      ? [{ id: `${property.type} 0x${property.tag.toString(16)}`, value }]
      : [];
  });
}

function parseId(id: string): { type: string; tag: number } | null {
  const found = /^(\w+)\s+0x([0-9a-f]{1,4})$/i.exec(id.trim());
  if (found?.[1] && found[2]) return { type: found[1], tag: Number.parseInt(found[2], 16) };
  // A named property (`String {guid} Name x`): known to Exchange, on no message of the rehearsal.
  if (/^\w+\s+\{[0-9a-f-]{36}\}\s+(name|id)\s+.+$/i.test(id.trim())) return null;
  throw badRequest(`The property id '${id}' is not valid.`);
}

function mapiValue(
  property: { type: string; tag: number },
  message: EstateMessage,
  mime: () => Uint8Array | null,
): string | null {
  const { resource } = message;
  switch (property.tag) {
    case 0x0e08:
      return String(message.sizeBytes);
    case 0x001a:
      return message.messageClass;
    case 0x0e07:
      return String(flagsOf(message));
    case 0x1035:
      return textOrNull(resource['internetMessageId']);
    case 0x0e06:
      return textOrNull(resource['receivedDateTime']);
    case 0x007d:
      return headersOf(mime());
    default:
      return null;
  }
}

/** PidTagMessageFlags: 0x1 read, 0x8 unsent, 0x10 has attachments. */
function flagsOf({ resource }: EstateMessage): number {
  return (
    (resource['isRead'] === true ? 0x1 : 0) |
    (resource['isDraft'] === true ? 0x8 : 0) |
    (resource['hasAttachments'] === true ? 0x10 : 0)
  );
}

function headersOf(mime: Uint8Array | null): string | null {
  if (!mime) return null;
  const text = Buffer.from(mime).toString('latin1');
  return text.slice(0, Math.max(0, text.search(/\r?\n\r?\n/)));
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
