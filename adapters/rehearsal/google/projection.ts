import { isJson, type Json } from './json.ts';
import { refuse } from './refusal.ts';

/** A parsed `fields` parameter: each name with what is asked of it; `null` = all of it. */
interface Selection {
  names: Map<string, Selection | null>;
}

/**
 * Applies the partial-response parameter `fields` (`items(id,start/date),nextPageToken`) to an answer. A selection
 * that does not parse is refused as Google refuses it (400 `invalidParameter`).
 */
export function project(answer: Json, fields: string): Json {
  const reader = { text: fields, at: 0 };
  const selection = readSelection(reader);
  if (reader.at < fields.length) throw invalidSelection(fields);
  return applyTo(answer, selection);
}

function readSelection(reader: { text: string; at: number }): Selection {
  const names = new Map<string, Selection | null>();
  for (;;) {
    const name = /^[\w*.$@:-]+/.exec(reader.text.slice(reader.at))?.[0];
    if (!name) throw invalidSelection(reader.text);
    reader.at += name.length;
    names.set(name, merge(names.get(name), readBelow(reader)));
    if (reader.text[reader.at] !== ',') return { names };
    reader.at++;
  }
}

function readBelow(reader: { text: string; at: number }): Selection | null {
  if (reader.text[reader.at] === '/') {
    reader.at++;
    const name = /^[\w*.$@:-]+/.exec(reader.text.slice(reader.at))?.[0];
    if (!name) throw invalidSelection(reader.text);
    reader.at += name.length;
    return { names: new Map([[name, readBelow(reader)]]) };
  }
  if (reader.text[reader.at] !== '(') return null;
  reader.at++;
  const inner = readSelection(reader);
  if (reader.text[reader.at] !== ')') throw invalidSelection(reader.text);
  reader.at++;
  return inner;
}

function merge(one: Selection | null | undefined, other: Selection | null): Selection | null {
  if (one === undefined) return other;
  if (one === null || other === null) return null;
  return { names: new Map([...one.names, ...other.names]) };
}

function applyTo(value: Json, selection: Selection): Json {
  const chosen: Json = {};
  for (const [name, member] of Object.entries(value)) {
    const below = selection.names.has(name) ? selection.names.get(name) : selection.names.get('*');
    if (below === undefined) continue;
    chosen[name] = below === null ? member : applyBelow(member, below);
  }
  return chosen;
}

function applyBelow(member: unknown, below: Selection): unknown {
  if (Array.isArray(member)) return member.map((one) => applyBelow(one, below));
  return isJson(member) ? applyTo(member, below) : member;
}

function invalidSelection(fields: string) {
  return refuse(400, 'invalidParameter', `Invalid field selection ${fields}`, {
    location: 'fields',
    locationType: 'parameter',
  });
}
