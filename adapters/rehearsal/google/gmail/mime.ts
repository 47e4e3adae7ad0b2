/** One header field: its name as written and its unfolded value. */
export interface HeaderField {
  name: string;
  value: string;
}

/** One part of a message; positions are offsets in the whole message. */
export interface MimePart {
  partId: string;
  mimeType: string;
  filename: string;
  headers: HeaderField[];
  bodyStart: number;
  bodyEnd: number;
  encoding: string;
  parts: MimePart[];
}

/** Deeper nesting than this is read as a leaf: messages are hostile input. */
const MAX_DEPTH = 20;
const MAX_PARTS = 1_000;

/** Reads the header fields from `start` to the first empty line, and where the body begins. */
export function readHeaders(
  bytes: Buffer,
  start = 0,
  end = bytes.length,
): { headers: HeaderField[]; bodyStart: number } {
  const gap = bytes.indexOf('\r\n\r\n', start);
  const isBare = bytes.subarray(start, start + 2).toString('latin1') === '\r\n';
  if (isBare) return { headers: [], bodyStart: start + 2 };
  const headEnd = gap === -1 || gap > end ? end : gap;
  const text = bytes
    .subarray(start, headEnd)
    .toString('utf8')
    .replace(/\r\n[ \t]/g, ' ');
  const headers: HeaderField[] = [];
  for (const line of text.split('\r\n')) {
    const match = /^([!-9;-~]+)[ \t]*:[ \t]*([\s\S]*)$/.exec(line);
    if (match) headers.push({ name: match[1] ?? '', value: (match[2] ?? '').trim() });
  }
  return { headers, bodyStart: Math.min(end, headEnd + 4) };
}

/** Values of a header field, in order; empty for none. */
export function headerValues(headers: readonly HeaderField[], name: string): string[] {
  return headers.filter((field) => field.name.toLowerCase() === name).map((field) => field.value);
}

/** Reads the structure of a message whose line ends are CRLF. */
export function readStructure(bytes: Buffer): MimePart {
  const budget = { parts: MAX_PARTS };
  return readPart(bytes, 0, bytes.length, '', 0, budget);
}

function readPart(
  bytes: Buffer,
  start: number,
  end: number,
  partId: string,
  depth: number,
  budget: { parts: number },
): MimePart {
  const { headers, bodyStart } = readHeaders(bytes, start, end);
  const type = headerValues(headers, 'content-type')[0] ?? 'text/plain';
  const disposition = headerValues(headers, 'content-disposition')[0] ?? '';
  const part: MimePart = {
    partId,
    mimeType: (/^[^;\s]+/.exec(type)?.[0] ?? 'text/plain').toLowerCase(),
    filename: decodeWords(parameterOf(disposition, 'filename') || parameterOf(type, 'name')),
    headers,
    bodyStart,
    bodyEnd: end,
    encoding: (headerValues(headers, 'content-transfer-encoding')[0] ?? '').toLowerCase(),
    parts: [],
  };
  const boundary = parameterOf(type, 'boundary');
  if (!part.mimeType.startsWith('multipart/') || boundary === '' || depth >= MAX_DEPTH) return part;
  for (const [at, span] of spansOf(bytes, bodyStart, end, boundary).entries()) {
    if (budget.parts-- <= 0) break;
    const childId = partId === '' ? String(at) : `${partId}.${at}`;
    part.parts.push(readPart(bytes, span.start, span.end, childId, depth + 1, budget));
  }
  return part;
}

/** Where the parts between the delimiters of a boundary begin and end. */
function spansOf(
  bytes: Buffer,
  from: number,
  to: number,
  boundary: string,
): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  let at = bytes.subarray(from, from + delimiter.length - 2).equals(delimiter.subarray(2))
    ? from - 2
    : bytes.indexOf(delimiter, from);
  while (at !== -1 && at < to) {
    const after = at + delimiter.length;
    if (bytes.subarray(after, after + 2).toString('latin1') === '--') break;
    const lineEnd = bytes.indexOf('\r\n', after);
    if (lineEnd === -1 || lineEnd >= to) break;
    const next = bytes.indexOf(delimiter, lineEnd);
    const end = next === -1 || next > to ? to : next;
    spans.push({ start: lineEnd + 2, end: Math.max(lineEnd + 2, end) });
    at = next;
  }
  return spans;
}

function parameterOf(value: string, name: string): string {
  const plain = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(value);
  if (plain) return plain[1] ?? plain[2] ?? '';
  const pieces = [
    ...value.matchAll(new RegExp(`;\\s*${name}\\*(?:\\d+\\*?)?\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'gi')),
  ];
  const joined = pieces.map((piece) => piece[1] ?? piece[2] ?? '').join('');
  try {
    return decodeURIComponent(joined.replace(/^[\w-]*'[\w-]*'/, ''));
  } catch {
    return joined;
  }
}

/** The content of a part with its transfer encoding undone. */
export function contentOf(bytes: Buffer, part: MimePart): Buffer {
  const body = bytes.subarray(part.bodyStart, part.bodyEnd);
  if (part.encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
  if (part.encoding === 'quoted-printable') return decodeQuoted(body);
  return body;
}

function decodeQuoted(body: Buffer): Buffer {
  const text = body
    .toString('latin1')
    .replace(/[ \t]+(?=\r\n)/g, '')
    .replace(/=\r\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(text, 'latin1');
}

/** Undoes RFC 2047 encoded words; words in unknown charsets stay as they are. */
export function decodeWords(value: string): string {
  return value
    .replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?[^?]+\?[bq]\?)/gi, '$1')
    .replace(
      /=\?([^?*]+)(?:\*[^?]*)?\?([bq])\?([^?]*)\?=/gi,
      (whole, charset: string, kind: string, text: string) => {
        const bytes =
          kind.toLowerCase() === 'b'
            ? Buffer.from(text, 'base64')
            : decodeQuoted(Buffer.from(text.replaceAll('_', ' ')));
        try {
          return new TextDecoder(charset).decode(bytes);
        } catch {
          return whole;
        }
      },
    );
}

/** Turns every line end into CRLF, as mail transport does. */
export function normaliseLineEnds(bytes: Buffer): Buffer {
  const extra = countBareEnds(bytes);
  if (extra === 0) return bytes;
  const whole = Buffer.allocUnsafe(bytes.length + extra);
  let at = 0;
  for (let from = 0; from < bytes.length; from++) {
    const byte = bytes[from] ?? 0;
    if (byte === 13 || byte === 10) {
      whole[at++] = 13;
      whole[at++] = 10;
      if (byte === 13 && bytes[from + 1] === 10) from++;
    } else {
      whole[at++] = byte;
    }
  }
  return whole;
}

function countBareEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 10 && bytes[at - 1] !== 13) count++;
    if (byte === 13 && bytes[at + 1] !== 10) count++;
  }
  return count;
}
