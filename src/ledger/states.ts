import type { Json, JsonObject } from '../core/types.ts';
import type { Packer, Unpacker } from './packing.ts';
import { packShared, packWithin, type Surroundings, unpackText, type Vocabulary } from './texts.ts';

/** A field whose value belongs to the form stands with it, one whose value belongs to the row without. */
type Field = readonly [name: string, value: Json] | readonly [name: string];

const MOST_FORMS = 2_000;
/** Words of a vendor's vocabulary, as against names, ids and times. */
const VENDOR_WORD = /^[A-Za-z][A-Za-z._-]{0,39}$/;

/**
 * Packs states. Rows of one kind share their form (the names of all fields, flags, words of the vendor), which is kept
 * once; a row keeps the texts that are its own.
 */
export class States {
  readonly #words: Vocabulary;
  readonly #forms = new Map<string, readonly Field[]>();

  constructor(words: Vocabulary) {
    this.#words = words;
  }

  pack(packer: Packer, state: JsonObject, around: Surroundings): void {
    const own: string[] = [];
    const fields: Field[] = [];
    for (const [name, value] of Object.entries(state)) {
      if (value === undefined) continue;
      if (typeof value !== 'string' || VENDOR_WORD.test(value)) fields.push([name, value]);
      else {
        fields.push([name]);
        own.push(value);
      }
    }
    packShared(packer, JSON.stringify(fields), this.#words);
    for (const text of own) packWithin(packer, text, around, this.#words);
  }

  unpack(unpacker: Unpacker, around: Surroundings): JsonObject {
    const fields = this.#form(unpackText(unpacker, this.#words) ?? '[]');
    return Object.fromEntries(
      fields.map(([name, value]): [string, Json] => [
        name,
        value === undefined ? (unpackText(unpacker, this.#words, around) ?? '') : value,
      ]),
    );
  }

  #form(text: string): readonly Field[] {
    const known = this.#forms.get(text);
    if (known) return known;
    const fields = JSON.parse(text) as readonly Field[];
    if (this.#forms.size >= MOST_FORMS) this.#forms.clear();
    this.#forms.set(text, fields);
    return fields;
  }
}
