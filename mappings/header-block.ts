/**
 * A header block as bytes that can be edited field by field without touching anything else. Text is held one
 * character per byte (ISO 8859-1), so that bytes of any character set come out as they went in.
 */
export interface HeaderBlock {
  /** Pieces in their order; joined they are the block, byte for byte. */
  pieces: HeaderPiece[];
  /** Line end of fields that are added: that of the block's first line, CRLF where there is none. */
  lineEnd: '\r\n' | '\n';
}

/** One field with its folded lines, or something that is no field (an mbox line, the blank line, rubbish). */
export interface HeaderPiece {
  /** Lower case; null for what is no field. */
  name: string | null;
  /** Bytes as text, name, colon, folding and line ends included. */
  raw: string;
}

const FIELD_NAME = /^([!-9;-~]+)[ \t]*:/;

/** Splits a raw header block. Bare LF and CRLF are line ends, a bare CR is not; nothing is refused. */
export function parseHeaderBlock(bytes: Uint8Array): HeaderBlock {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const pieces: HeaderPiece[] = [];
  let isHeader = true;
  for (const line of lines(text)) {
    const last = pieces.at(-1);
    if (isHeader && /^\r?\n?$/.test(line)) isHeader = false;
    const isFolded = isHeader && /^[ \t]/.test(line) && last?.name !== null && last !== undefined;
    if (isFolded) last.raw += line;
    else pieces.push({ name: isHeader ? fieldName(line) : null, raw: line });
  }
  const lineEnd = /^[^\n]*?(\r?\n)/.exec(text)?.[1] === '\n' ? '\n' : '\r\n';
  return { pieces, lineEnd };
}

/** The block's bytes. */
export function headerBytes(block: HeaderBlock): Uint8Array {
  return Buffer.from(block.pieces.map((piece) => piece.raw).join(''), 'latin1');
}

/** The value of a field: unfolded, trimmed, still one character per byte. */
export function fieldValue(piece: HeaderPiece): string {
  return piece.raw
    .slice(piece.raw.indexOf(':') + 1)
    .replace(/\r?\n/g, '')
    .trim();
}

/** All fields of a name (lower case), in order. */
export function fieldsNamed(block: HeaderBlock, name: string): HeaderPiece[] {
  return block.pieces.filter((piece) => piece.name === name);
}

/** Puts `X-Original-` before the name of a field; its value keeps every byte. */
export function setAside(piece: HeaderPiece): void {
  piece.raw = `X-Original-${piece.raw}`;
  piece.name = `x-original-${piece.name}`;
}

/**
 * Adds a field before the first one there is, so that a missing blank line or rubbish further down does no harm. An
 * mbox `From ` line and anything else before the first field stay where they are.
 */
export function addField(block: HeaderBlock, name: string, value: string): void {
  const first = block.pieces.findIndex((piece) => piece.name !== null);
  const blank = block.pieces.findIndex((piece) => /^\r?\n$/.test(piece.raw));
  const at = first >= 0 ? first : blank >= 0 ? blank : block.pieces.length;
  const before = block.pieces[at - 1];
  if (before && !before.raw.endsWith('\n')) before.raw += block.lineEnd;
  block.pieces.splice(at, 0, { name: name.toLowerCase(), raw: `${name}: ${value}${block.lineEnd}` });
}

/** Replaces the value of a field, its name and last line end kept. */
export function setValue(piece: HeaderPiece, value: string): void {
  const end = /\r?\n$/.exec(piece.raw)?.[0] ?? '';
  piece.raw = `${piece.raw.slice(0, piece.raw.indexOf(':') + 1)} ${value}${end}`;
}

function fieldName(line: string): string | null {
  return FIELD_NAME.exec(line)?.[1]?.toLowerCase() ?? null;
}

function* lines(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const next = end < 0 ? text.length : end + 1;
    yield text.slice(start, next);
    start = next;
  }
}
