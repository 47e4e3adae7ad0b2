import PostalMime, { type Email } from 'postal-mime';
import type { EstateMessage, Resource } from '../estate/types.ts';
import { hash } from '../service/random.ts';

/** What Graph shows of a message's MIME outside `$value`. */
export interface MimeParts {
  body: Resource;
  headers: readonly Resource[];
  attachments: readonly Resource[];
}

/** Reads body, headers and attachments from the MIME; an unconvertible message is one `smime.p7m`. */
export async function readParts(message: EstateMessage, mime: Uint8Array | null): Promise<MimeParts> {
  if (!mime) return opaqueParts(message);
  const email = await PostalMime.parse(mime);
  return {
    body: bodyOf(email),
    headers: email.headers.map(({ key, value }) => ({ name: key, value })),
    attachments: email.attachments.map((attachment, at) => {
      const bytes = Buffer.from(attachment.content as ArrayBuffer);
      const isInline = attachment.disposition === 'inline';
      return attachmentOf(message, at, bytes, {
        name: attachment.filename ?? 'attachment',
        contentType: attachment.mimeType,
        isInline,
        contentId: attachment.contentId ?? null,
      });
    }),
  };
}

function bodyOf(email: Email): Resource {
  return email.html
    ? { contentType: 'html', content: email.html }
    : { contentType: 'text', content: email.text ?? '' };
}

function opaqueParts(message: EstateMessage): MimeParts {
  const bytes = Buffer.from(hash('smime', message.id).repeat(8), 'hex');
  const described = {
    name: 'smime.p7m',
    contentType: 'application/pkcs7-mime',
    isInline: false,
    contentId: null,
  };
  return {
    body: { contentType: 'text', content: '' },
    headers: [],
    attachments: [attachmentOf(message, 0, bytes, described)],
  };
}

function attachmentOf(message: EstateMessage, at: number, bytes: Buffer, described: Resource): Resource {
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    '@odata.mediaContentType': described['contentType'],
    id: `AAMkAtt${hash('attachment', message.id, at).slice(0, 40)}`,
    lastModifiedDateTime: message.resource['lastModifiedDateTime'] ?? null,
    ...described,
    size: bytes.length,
    contentLocation: null,
    contentBytes: bytes.toString('base64'),
  };
}
