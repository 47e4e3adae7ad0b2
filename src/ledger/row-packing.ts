import { type Ending, packEnding, unpackEnding } from './endings.ts';
import { Packer, Unpacker } from './packing.ts';
import type { Place } from './places.ts';
import { codeOf, OPEN_CODE, outcomeOf, type Row } from './rows.ts';
import { States } from './states.ts';
import { packAddress, packNothing, packText, unpackText, type Vocabulary } from './texts.ts';

/** What stands in the table of open items while an item is one. */
export type WorkFacts = Pick<Row, 'status' | 'attempts' | 'begunAt' | 'begunVersion' | 'inline'>;

/** The columns of an item. */
export interface PackedItem {
  place: number;
  status: number;
  epoch: number;
  key: Uint8Array;
  facts: Uint8Array;
  outcome: Uint8Array;
}

/** The room of a receipt with an id of Gmail's length, kept free while an item is open. */
const RESERVED_BYTES = 18;

type Facts = Pick<Row, 'version' | 'identity' | 'order' | 'bytes' | 'state'>;

/** Packs rows into columns and reads them back exactly. */
export class RowPacking {
  readonly #words: Vocabulary;
  readonly #states: States;
  readonly #packer = new Packer();

  constructor(words: Vocabulary) {
    this.#words = words;
    this.#states = new States(words);
  }

  /** The columns of a row. `leastBytes`: what its outcome took before, so that it goes where it stood. */
  pack(row: Row, place: Place, leastBytes: number = RESERVED_BYTES): PackedItem {
    return {
      place: place.id,
      status: codeOf(row.status),
      epoch: row.epoch,
      key: this.#packKey(row.key, place.lead),
      facts: this.#packFacts(row),
      outcome: this.packOutcome(row, leastBytes),
    };
  }

  /** What became of a row; of an open one without what stands in the table of open items. */
  packOutcome(row: Row, leastBytes: number): Uint8Array {
    const isOpen = codeOf(row.status) === OPEN_CODE;
    const ending: Ending = isOpen ? { ...row, attempts: 0, begunAt: null, begunVersion: null } : row;
    packEnding(this.#packer, ending, row.version, this.#words);
    return this.#packer.take(leastBytes);
  }

  unpackKey(key: Uint8Array, { lead }: Place): string {
    const unpacker = new Unpacker(key);
    const shared = unpacker.whole();
    return lead.slice(0, shared) + (unpackText(unpacker, this.#words) ?? '');
  }

  /** The row of an item; of an open one what stands in the table of open items has to be added. */
  unpack(item: PackedItem, key: string, place: Place): Row {
    const { stream, container, after, rank } = place;
    const facts = this.#unpackFacts(item.facts, container);
    return {
      ...{ key, container, rank, after, stream, epoch: item.epoch },
      ...facts,
      ...unpackEnding(item.outcome, facts.version, this.#words),
      ...{ status: outcomeOf(item.status) ?? 'listed', inline: null },
    };
  }

  #packKey(key: string, lead: string): Uint8Array {
    let shared = 0;
    while (shared < key.length && key.charCodeAt(shared) === lead.charCodeAt(shared)) shared += 1;
    this.#packer.whole(shared);
    packText(this.#packer, key.slice(shared));
    return this.#packer.take();
  }

  #packFacts(row: Row): Uint8Array {
    const packer = this.#packer;
    packText(packer, row.version);
    if (row.identity === null) packNothing(packer);
    else packAddress(packer, row.identity, this.#words);
    packer.number(row.order);
    packer.number(row.bytes);
    this.#states.pack(packer, row.state, row);
    return packer.take();
  }

  #unpackFacts(bytes: Uint8Array, container: string): Facts {
    const unpacker = new Unpacker(bytes);
    const version = unpackText(unpacker, this.#words) ?? '';
    const identity = unpackText(unpacker, this.#words);
    const order = unpacker.number() ?? 0;
    const size = unpacker.number();
    const state = this.#states.unpack(unpacker, { container, identity, order });
    return { version, identity, order, bytes: size, state };
  }
}
