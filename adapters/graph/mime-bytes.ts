/** Bytes of MIME messages: where the header ends, what the boundary is, whether it was closed. Pure. */

const LF = 0x0a;
const CR = 0x0d;
/** A boundary has at most 70 characters; anything near this is no delimiter line. RFC 2046 §5.1.1. */
const LONGEST_DELIMITER = 1024;

/** Bytes of the header block with the blank line that ends it; null where no blank line is seen. */
export function headerLength(bytes: Uint8Array): number | null {
  // A message may begin with its blank line: it has no header fields then.
  let lineStart = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, lineStart)) {
    const end = at > lineStart && bytes[at - 1] === CR ? at - 1 : at;
    if (end === lineStart) return at + 1;
    lineStart = at + 1;
  }
  return null;
}

/** The boundary of a multipart message from its header block; null where there is none. RFC 2046 §5.1.1. */
export function boundaryOf(header: Uint8Array): string | null {
  const fields = Buffer.from(header)
    .toString('latin1')
    .replace(/\r?\n(?=[ \t])/g, ' ');
  const type = /^content-type[ \t]*:(.*)$/im.exec(fields)?.[1] ?? '';
  if (!/^\s*multipart\//i.test(type)) return null;
  const match = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(type);
  const boundary = match?.[1]?.replace(/\\(.)/g, '$1') ?? match?.[2] ?? '';
  return boundary.trimEnd() === '' ? null : boundary.trimEnd();
}

/** Watches the body of a message go by, in chunks of any size, for the line that closes its outer multipart. */
export class BoundaryWatch {
  readonly #closing: Buffer;
  #tail: Buffer = Buffer.from('\n');
  #isClosed = false;

  constructor(boundary: string) {
    this.#closing = Buffer.from(`\n--${boundary}--`, 'latin1');
  }

  take(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    const seen = Buffer.concat([this.#tail, chunk]);
    this.#isClosed = seen.includes(this.#closing);
    this.#tail = seen.subarray(Math.max(0, seen.length - this.#closing.length + 1));
  }

  isClosed(): boolean {
    return this.#isClosed;
  }
}

/** Rewrites a body as it goes by. */
export interface BodyFilter {
  take(chunk: Uint8Array): Generator<Uint8Array>;
  end(): Generator<Uint8Array>;
}

/**
 * How to make the body that came with `header` fit `wanted`, the header of an earlier rendering: nothing where they are
 * equal, another boundary where they differ in that alone; null where they differ otherwise.
 */
export function renameBoundary(header: Uint8Array, wanted: Uint8Array): BodyFilter | null {
  if (Buffer.from(header).equals(wanted)) return unchanged;
  const from = boundaryOf(header);
  const to = boundaryOf(wanted);
  if (from === null || to === null) return null;
  const renamed = Buffer.from(header)
    .toString('latin1')
    .replaceAll(from, () => to);
  if (!Buffer.from(renamed, 'latin1').equals(wanted)) return null;
  return new LineFilter(Buffer.from(`--${from}`, 'latin1'), Buffer.from(`--${to}`, 'latin1'));
}

const unchanged: BodyFilter = {
  *take(chunk) {
    yield chunk;
  },
  *end() {},
};

/** Replaces `from` by `to` at the beginning of lines, where what follows ends the line or closes the boundary. */
class LineFilter implements BodyFilter {
  readonly #from: Buffer;
  readonly #to: Buffer;
  #held: Buffer = Buffer.alloc(0);
  /** True inside a line that is too long to be a delimiter and went by unheld. */
  #isInLongLine = false;

  constructor(from: Buffer, to: Buffer) {
    this.#from = from;
    this.#to = to;
  }

  *take(chunk: Uint8Array): Generator<Uint8Array> {
    let seen = Buffer.concat([this.#held, chunk]);
    if (this.#isInLongLine) {
      const end = seen.indexOf(LF) + 1 || seen.length;
      this.#isInLongLine = seen[end - 1] !== LF;
      yield seen.subarray(0, end);
      seen = seen.subarray(end);
    }
    const lastLine = seen.lastIndexOf(LF) + 1;
    if (lastLine > 0) yield this.#rewrite(seen.subarray(0, lastLine));
    this.#held = seen.subarray(lastLine);
    if (this.#held.length <= LONGEST_DELIMITER) return;
    this.#isInLongLine = true;
    yield this.#held;
    this.#held = Buffer.alloc(0);
  }

  *end(): Generator<Uint8Array> {
    if (this.#held.length > 0) yield this.#rewrite(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #rewrite(lines: Buffer): Buffer {
    if (!lines.includes(this.#from)) return lines;
    const parts: Buffer[] = [];
    let from = 0;
    while (from < lines.length) {
      const end = lines.indexOf(LF, from);
      const line = lines.subarray(from, end === -1 ? lines.length : end + 1);
      parts.push(...this.#rewriteLine(line));
      from += line.length;
    }
    return Buffer.concat(parts);
  }

  #rewriteLine(line: Buffer): Buffer[] {
    const rest = line.subarray(this.#from.length);
    const isDelimiter =
      line.subarray(0, this.#from.length).equals(this.#from) &&
      /^(--)?[ \t]*\r?\n?$/.test(rest.toString('latin1'));
    return isDelimiter ? [this.#to, rest] : [line];
  }
}
