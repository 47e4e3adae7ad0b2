import type { ContainerFact, MessageFact } from '../core/facts.ts';
import type { Policy } from '../core/types.ts';
import type { Difference } from './job-check.ts';
import { type FolderPlace, systemLabel } from './mail-folders.ts';
import { rootOf } from './mail-rules.ts';
import { fold, likenessOfPaths } from './names.ts';

/** What the comparison of one mailbox's messages looks things up in. */
export interface MailNames {
  /** By folder id. */
  places: ReadonlyMap<string, FolderPlace>;
  /** By label id. */
  labels: ReadonlyMap<string, ContainerFact>;
  /** Ids of labels that stand for a folder. */
  folderLabels: ReadonlySet<string>;
  policy: Policy;
}

/** System labels that decide where a message lies; all others are states or Gmail's own classification. */
const PLACES = new Set(['INBOX', 'SENT', 'TRASH', 'SPAM']);
/** Labels that migrations give to items with no place of their own (mapping 3.4, 3.6), folded. */
const MARKS = new Set(['voicemessages', 'protectedunreadable', 'followupcompleted']);
const CATEGORY_PARENT = 'categories';

/** Differences between the copies of one delivery and the message at the target, field by field. */
export function compareState(
  copies: readonly MessageFact[],
  target: MessageFact,
  names: MailNames,
): Difference[] {
  return [
    ...compareLabels(copies, target, names),
    ...compareRead(copies, target),
    ...compareStar(copies, target),
    ...compareDraft(copies, target, names),
  ];
}

function compareLabels(copies: readonly MessageFact[], target: MessageFact, names: MailNames): Difference[] {
  const { required, optional } = expectedLabels(copies, names);
  const wordless = missingCategories(copies, target, names);
  const actual = actualLabels(target, names);
  const missing = [...required].filter((word) => !actual.has(word));
  const surplus = [...actual.keys()].filter((word) => !required.has(word) && !optional.has(word));
  const unexpected = surplus.filter((word) => !isTolerated(word, copies, names));
  if (missing.length + wordless.length + unexpected.length === 0) return [];
  const wanted = [...required].map((word) => nameOf(word, names)).concat(wordless);
  return [
    {
      code: 'labels-differ',
      field: 'labels',
      sourceValue: wanted.sort().join('; '),
      targetValue: [...actual.values()].sort().join('; '),
    },
  ];
}

/**
 * How many of the labels that the copies ask for the message carries, and in how little its state differs; used to tell
 * equal messages apart.
 */
export function labelFitness(copies: readonly MessageFact[], target: MessageFact, names: MailNames): number {
  const { required } = expectedLabels(copies, names);
  const actual = actualLabels(target, names);
  const held = [...required].filter((word) => actual.has(word)).length;
  const differences = [
    ...compareRead(copies, target),
    ...compareStar(copies, target),
    ...compareDraft(copies, target, names),
  ].length;
  return held * 2 - actual.size - differences / 4;
}

function expectedLabels(copies: readonly MessageFact[], names: MailNames) {
  const places = copies.flatMap((copy) => names.places.get(copy.containers[0] ?? '') ?? []);
  const required = new Set<string>();
  const optional = new Set<string>();
  const systems = new Set(places.map(({ system }) => system));
  // One of TRASH and SPAM stays only where no copy lies elsewhere; drafts are compared as a state.
  const removed = ['TRASH', 'SPAM'];
  const onlyRemoved = [...systems].every((system) => system !== null && removed.includes(system));
  for (const { system, label, labelPath } of places) {
    const isRemoved = system !== null && removed.includes(system);
    if (system !== null && PLACES.has(system)) {
      if (!isRemoved || onlyRemoved) required.add(system);
    }
    if (label === null) continue;
    if (labelPath !== null && (!isRemoved || onlyRemoved)) required.add(label.id);
    else optional.add(label.id);
  }
  if (required.has('TRASH') && required.has('SPAM')) required.delete('SPAM');
  if (copies.some(({ important, draft }) => important && !draft)) required.add('IMPORTANT');
  return { required, optional };
}

/** Comparable words of a message's labels (id, or name of a system label) with the names to show. */
function actualLabels(target: MessageFact, names: MailNames): Map<string, string> {
  const words = new Map<string, string>();
  for (const id of target.containers) {
    const label = names.labels.get(id);
    const system = systemLabel(label ?? { id, wellKnown: null });
    if (system === null) words.set(id, label?.path.join('/') ?? id);
    else if (PLACES.has(system) || system === 'IMPORTANT') words.set(system, system);
  }
  if (target.important) words.set('IMPORTANT', 'IMPORTANT');
  return words;
}

function isTolerated(word: string, copies: readonly MessageFact[], names: MailNames): boolean {
  // Gmail marks importance by itself; SENT also follows from the sender, whom this fact does not name.
  if (word === 'IMPORTANT' || word === 'SENT') return true;
  const label = names.labels.get(word);
  if (label === undefined || names.folderLabels.has(word)) return false;
  if (MARKS.has(fold(label.path.join('')))) return true;
  return (
    names.policy.mail.categories === 'label' &&
    copies.some(({ categories }) => categories.some((category) => isCategory(label, category)))
  );
}

function missingCategories(copies: readonly MessageFact[], target: MessageFact, names: MailNames): string[] {
  if (names.policy.mail.categories !== 'label') return [];
  const carried = target.containers.flatMap((id) => names.labels.get(id) ?? []);
  const wanted = new Set(copies.flatMap(({ categories }) => categories));
  return [...wanted]
    .filter((category) => !carried.some((label) => isCategory(label, category)))
    .map((category) => `Categories/${category}`);
}

function isCategory(label: ContainerFact, category: string): boolean {
  if (fold(label.path[0] ?? '') !== CATEGORY_PARENT) return false;
  return likenessOfPaths([category], [label.path.slice(1).join('-')]) > 0;
}

function nameOf(word: string, names: MailNames): string {
  return names.labels.get(word)?.path.join('/') ?? word;
}

/** Unread only if all copies are; sent mail and drafts are never unread at Gmail. */
function compareRead(copies: readonly MessageFact[], target: MessageFact): Difference[] {
  const unread = copies.every(({ read }) => !read);
  const neverUnread = target.draft || copies.some(({ draft }) => draft) || target.containers.includes('SENT');
  if (unread === !target.read || (unread && neverUnread)) return [];
  return [
    {
      code: 'read-differs',
      field: 'read',
      sourceValue: unread ? 'unread' : 'read',
      targetValue: target.read ? 'read' : 'unread',
    },
  ];
}

function compareStar(copies: readonly MessageFact[], target: MessageFact): Difference[] {
  const starred = copies.some((copy) => copy.starred);
  if (starred === target.starred) return [];
  return [
    {
      code: 'starred-differs',
      field: 'starred',
      sourceValue: String(starred),
      targetValue: String(target.starred),
    },
  ];
}

/** A message in Drafts that is none, or one in the Outbox, has no exact counterpart: either state will do. */
function compareDraft(copies: readonly MessageFact[], target: MessageFact, names: MailNames): Difference[] {
  const drafts = copies.filter(({ draft }) => draft).length;
  const roots = copies.map(({ containers }) => {
    const place = names.places.get(containers[0] ?? '');
    return place === undefined ? null : rootOf(place.folder);
  });
  const isDraft = drafts > 0;
  const unclear =
    (drafts > 0 && drafts < copies.length) ||
    roots.includes('outbox') ||
    (!isDraft && roots.includes('drafts'));
  if (unclear || isDraft === target.draft) return [];
  return [
    {
      code: 'draft-differs',
      field: 'draft',
      sourceValue: String(isDraft),
      targetValue: String(target.draft),
    },
  ];
}
