import { createCalendars } from './calendar.ts';
import { type CorpusMessage, loadCorpus } from './corpus.ts';
import { createMailbox } from './mailbox.ts';
import { type Cast, castEstate } from './people.ts';
import type { Estate, EstateMailbox, EstateOptions, EstateUser } from './types.ts';

const DAY_MS = 86_400_000;

/** Builds the estate of a seed. `nowMs` fixes the day that relative dates count from. */
export function createEstate(options: EstateOptions, nowMs: number): Estate {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const cast = castEstate(options);
  const owners = cast.users.filter((user) => user.userPurpose !== null && user.userPurpose !== 'room');
  const corpus = options.corpusDir === null ? [] : loadCorpus(options.corpusDir, today);
  const shelves = spreadCorpus(
    corpus,
    owners.filter((user) => user.userPurpose === 'user'),
  );
  const calendars = createCalendars(options, cast, today);
  const boxes = new Map<string, EstateMailbox>();
  const open = (user: EstateUser) =>
    createMailbox({
      seed: options.seed,
      user,
      locale: cast.localeOf(user.id),
      messages: shareOf(options.messages, owners, user),
      correspondents: correspondents(cast),
      today,
      corpus: shelves.get(user.id) ?? [],
      calendars: calendars.of(user),
      events: (calendarId) => calendars.events(user, calendarId),
    });
  return {
    seed: options.seed,
    tenantId: cast.tenantId,
    initialDomain: cast.initialDomain,
    organisations: cast.organisations,
    users: cast.users,
    groups: cast.groups,
    rooms: cast.rooms,
    contacts: cast.contacts,
    skus: cast.skus,
    corpus: corpusPlaces(shelves, boxes, cast, open),
    mailbox: (userId) => {
      const user = cast.users.find((each) => each.id === userId);
      if (user === undefined || user.userPurpose === null) return null;
      return boxOf(boxes, user, open);
    },
  };
}

function boxOf(
  boxes: Map<string, EstateMailbox>,
  user: EstateUser,
  open: (user: EstateUser) => EstateMailbox,
): EstateMailbox {
  const known = boxes.get(user.id);
  if (known !== undefined) return known;
  const opened = open(user);
  boxes.set(user.id, opened);
  return opened;
}

function shareOf(total: number, owners: readonly EstateUser[], user: EstateUser): number {
  const position = owners.indexOf(user);
  if (position < 0) return 0;
  return Math.floor(total / owners.length) + (position < total % owners.length ? 1 : 0);
}

function correspondents(cast: Cast): string[] {
  const inside = cast.users
    .filter((user) => user.userPurpose === 'user')
    .slice(0, 20)
    .map((user) => String(user.resource.mail));
  return [...inside, 'citizen@mail.example.com', 'press@agency.example.net', 'no-reply@service.example.com'];
}

/** The corpus goes round the people, in chunks, so that shared Message-IDs meet in one mailbox as well as in several. */
function spreadCorpus(
  corpus: readonly CorpusMessage[],
  people: readonly EstateUser[],
): Map<string, CorpusMessage[]> {
  const shelves = new Map<string, CorpusMessage[]>();
  if (people.length === 0) return shelves;
  const chunk = Math.max(1, Math.ceil(corpus.length / Math.min(3, people.length)));
  corpus.forEach((message, index) => {
    const user = people[Math.floor(index / chunk) % people.length];
    if (user !== undefined) shelves.set(user.id, [...(shelves.get(user.id) ?? []), message]);
  });
  return shelves;
}

function corpusPlaces(
  shelves: ReadonlyMap<string, readonly CorpusMessage[]>,
  boxes: Map<string, EstateMailbox>,
  cast: Cast,
  open: (user: EstateUser) => EstateMailbox,
): { file: string; userId: string; messageId: string }[] {
  return [...shelves].flatMap(([userId, messages]) => {
    const user = cast.users.find((each) => each.id === userId);
    if (user === undefined) return [];
    const box = boxOf(boxes, user, open);
    const inbox = box.folders.find((folder) => folder.wellKnown === 'inbox');
    const placed = inbox === undefined ? [] : box.messages(inbox.id, 0, messages.length);
    return messages.map(({ file }, index) => ({ file, userId, messageId: placed[index]?.id ?? '' }));
  });
}
