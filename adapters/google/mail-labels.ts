import { createHash } from 'node:crypto';
import { MigrationError, Rejected } from '../../src/core/errors.ts';
import type { LabelValue } from '../../src/core/google.ts';
import type { Loss } from '../../src/core/types.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { GoogleConnection } from './client.ts';

export interface Label {
  id: string;
  name: string;
}

type Color = LabelValue['color'];

/** The user labels of mailboxes, read once each and created one at a time. */
export interface Labels {
  /** Finds or creates a label with its parents. The name may end up as another one: then a loss says so. */
  ensure(
    mailbox: string,
    name: string,
    color: Color,
    signal: AbortSignal,
  ): Promise<{ label: Label; losses: Loss[] }>;
  /** Looks a label up afresh; null when the mailbox has none of that name. */
  find(mailbox: string, name: string, signal: AbortSignal): Promise<Label | null>;
  /** Ids of all labels that the mailbox has now, system labels left out. */
  ids(mailbox: string, signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** Renames; null when Gmail refuses the name. Throws `NotFound` when the label is gone. */
  rename(mailbox: string, id: string, name: string, signal: AbortSignal): Promise<Label | null>;
}

/** Mailboxes whose labels are kept in memory. */
const MAILBOXES_MAX = 256;

interface Mailbox {
  /** By folded name: Gmail's names are unique whatever the case. */
  byName: Map<string, Label>;
  /** Creations run one after another, since a parent and its child created at once end in a conflict. */
  queue: Promise<unknown>;
}

/** Labels through one connection; what was read is kept here, least recently used mailboxes are forgotten. */
export function createLabels(google: GoogleConnection): Labels {
  const mailboxes = createBoundedMap<string, Mailbox>(MAILBOXES_MAX);
  const mailboxOf = (address: string): Mailbox => {
    const known = mailboxes.get(address);
    if (known) return known;
    const fresh: Mailbox = { byName: new Map(), queue: Promise.resolve() };
    mailboxes.set(address, fresh);
    return fresh;
  };

  const ensure: Labels['ensure'] = (address, name, color, signal) => {
    const mailbox = mailboxOf(address);
    const known = mailbox.byName.get(fold(name));
    if (known) return Promise.resolve({ label: known, losses: [] });
    const turn = mailbox.queue.then(async () => {
      if (mailbox.byName.size === 0) mailbox.byName = await readLabels(google, address, signal);
      return ensureTree({ google, address, mailbox, signal }, name, color);
    });
    // A failure belongs to its caller; the next in the queue goes on.
    mailbox.queue = turn.catch(() => undefined);
    return turn;
  };

  return {
    ensure,
    find: async (address, name, signal) => {
      const byName = await readLabels(google, address, signal);
      mailboxOf(address).byName = byName;
      return byName.get(fold(name)) ?? null;
    },
    ids: async (address, signal) => {
      const byName = await readLabels(google, address, signal);
      mailboxOf(address).byName = byName;
      return new Set([...byName.values()].map(({ id }) => id));
    },
    rename: async (address, id, name, signal) => {
      const label = await patchName(google, address, id, name, signal);
      if (label) mailboxOf(address).byName.set(fold(label.name), label);
      return label;
    },
  };
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

async function readLabels(
  google: GoogleConnection,
  mailbox: string,
  signal: AbortSignal,
): Promise<Map<string, Label>> {
  const answer = await google.call(
    'gmail.labels.list',
    mailbox,
    (options) => google.apis.gmail.users.labels.list({ userId: 'me' }, options),
    signal,
  );
  const byName = new Map<string, Label>();
  for (const { id, name, type } of answer.labels ?? []) {
    if (type !== 'system' && id && name) byName.set(fold(name), { id, name });
  }
  return byName;
}

interface Turn {
  google: GoogleConnection;
  address: string;
  mailbox: Mailbox;
  signal: AbortSignal;
}

/** Gmail nests a label only below parents that exist, and does not create them. */
async function ensureTree(turn: Turn, name: string, color: Color): Promise<{ label: Label; losses: Loss[] }> {
  const segments = name.split('/');
  for (let depth = 1; depth < segments.length; depth += 1) {
    const parent = segments.slice(0, depth).join('/');
    if (parent === '' || turn.mailbox.byName.has(fold(parent))) continue;
    await ensureOne(turn, parent, undefined).catch((error: unknown) => {
      // Without its parent the label stands at the top level under its full name, which loses nothing.
      if (!(error instanceof Rejected)) throw error;
    });
  }
  return ensureOne(turn, name, color);
}

async function ensureOne(turn: Turn, name: string, color: Color): Promise<{ label: Label; losses: Loss[] }> {
  const losses: Loss[] = [];
  let refusal: unknown;
  for (const candidate of candidatesFor(name)) {
    const label = turn.mailbox.byName.get(fold(candidate)) ?? (await attempt(candidate));
    if (label === null) continue;
    if (candidate !== name) losses.push({ field: 'label', kind: 'changed', reason: 'label-renamed' });
    return { label, losses };
  }
  throw refusal;

  async function attempt(candidate: string): Promise<Label | null> {
    try {
      return await createOrReuse(turn, candidate, color);
    } catch (error) {
      if (!(error instanceof Rejected) || error.status !== 400) throw error;
      refusal = error;
    }
    if (color === undefined || (refusal as Rejected).code === 'invalid-label-name') return null;
    const plain = await createOrReuse(turn, candidate, undefined).catch((error: unknown) => {
      if (!(error instanceof Rejected) || error.status !== 400) throw error;
      return null;
    });
    if (plain) losses.push({ field: 'color', kind: 'dropped', reason: 'not-accepted' });
    return plain;
  }
}

/** Reserved words exist in the mailbox's display language too, so they show only when Gmail refuses them. */
function candidatesFor(name: string): string[] {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return [name, `_${name}`, `Folder ${hash}`];
}

/** Null when the name is taken by something that is no user label. */
async function createOrReuse(turn: Turn, name: string, color: Color): Promise<Label | null> {
  const { google, address, mailbox, signal } = turn;
  try {
    const label = await create(turn, name, color);
    mailbox.byName.set(fold(name), label);
    return label;
  } catch (error) {
    if (!(error instanceof Rejected) || error.code !== 'duplicate') throw error;
  }
  mailbox.byName = await readLabels(google, address, signal);
  return mailbox.byName.get(fold(name)) ?? null;
}

async function create({ google, address, signal }: Turn, name: string, color: Color): Promise<Label> {
  const answer = await google.call(
    'gmail.labels.create',
    address,
    (options) =>
      google.apis.gmail.users.labels.create(
        {
          userId: 'me',
          requestBody: {
            name,
            labelListVisibility: 'labelShow',
            messageListVisibility: 'show',
            ...(color === undefined ? {} : { color }),
          },
        },
        options,
      ),
    signal,
  );
  if (answer.id) return { id: answer.id, name: answer.name ?? name };
  throw new MigrationError({ code: 'no-label-id', message: 'Gmail created a label without naming its id' });
}

async function patchName(
  google: GoogleConnection,
  mailbox: string,
  id: string,
  name: string,
  signal: AbortSignal,
): Promise<Label | null> {
  try {
    const answer = await google.call(
      'gmail.labels.patch',
      mailbox,
      (options) => google.apis.gmail.users.labels.patch({ userId: 'me', id, requestBody: { name } }, options),
      signal,
    );
    return { id, name: answer.name ?? name };
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
}
