import type {
  CalendarFact,
  ContainerFact,
  DirectoryFact,
  EventFact,
  Inventory,
  MailReadOptions,
  MessageFact,
  OccurrenceFact,
  WindowOptions,
} from '../../src/core/facts.ts';
import type { Principal } from '../../src/core/types.ts';

/** What one end holds of one principal. */
export interface FakeAccount {
  containers: ContainerFact[];
  messages: MessageFact[];
  calendars: CalendarFact[];
  events: EventFact[];
  occurrences: OccurrenceFact[];
}

export function emptyAccount(): FakeAccount {
  return { containers: [], messages: [], calendars: [], events: [], occurrences: [] };
}

/** One end in memory. As a real reader, it gives content hashes only for what it was asked to read. */
export class FakeInventory implements Inventory {
  readonly side: 'source' | 'target';
  readonly directoryFacts: DirectoryFact[] = [];
  readonly accounts = new Map<string, FakeAccount>();
  /** Source addresses whose mail (or directory, by organisation id) cannot be read. */
  readonly broken = new Map<string, Error>();
  contentReads = 0;
  listings = 0;

  constructor(side: 'source' | 'target') {
    this.side = side;
  }

  account(source: string): FakeAccount {
    const known = this.accounts.get(source) ?? emptyAccount();
    this.accounts.set(source, known);
    return known;
  }

  async *directory(organisation: { id: string }): AsyncIterable<DirectoryFact> {
    this.#refuse(organisation.id);
    yield* structuredClone(this.directoryFacts);
  }

  async *containers(principal: Principal): AsyncIterable<ContainerFact> {
    this.#refuse(principal.source);
    yield* structuredClone(this.account(principal.source).containers);
  }

  async *messages(principal: Principal, options: MailReadOptions): AsyncIterable<MessageFact> {
    this.#refuse(principal.source);
    this.listings += 1;
    for (const message of this.account(principal.source).messages) {
      const isRead = options.depth === 'content' || options.needsContent(message.messageId);
      if (isRead) this.contentReads += 1;
      const unread = { headerHash: null, bodyHash: null, bytesHash: null, headerNames: null };
      yield structuredClone(isRead ? message : { ...message, ...unread });
    }
  }

  async *calendars(principal: Principal): AsyncIterable<CalendarFact> {
    this.#refuse(principal.source);
    yield* structuredClone(this.account(principal.source).calendars);
  }

  async *events(principal: Principal, calendarId: string): AsyncIterable<EventFact> {
    const { events } = this.account(principal.source);
    yield* structuredClone(events.filter((event) => event.calendarId === calendarId));
  }

  async *occurrences(
    principal: Principal,
    calendarId: string,
    window: WindowOptions,
  ): AsyncIterable<OccurrenceFact> {
    for (const occurrence of this.account(principal.source).occurrences) {
      const isInside =
        Date.parse(occurrence.start) < Date.parse(window.to) &&
        Date.parse(occurrence.end) > Date.parse(window.from);
      if (occurrence.calendarId === calendarId && isInside) yield structuredClone(occurrence);
    }
  }

  #refuse(key: string): void {
    const error = this.broken.get(key);
    if (error !== undefined) throw error;
  }
}
