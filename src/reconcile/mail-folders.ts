import type { ContainerFact } from '../core/facts.ts';
import { rootOf } from './mail-rules.ts';
import { fold, type Likeness, likenessOfPaths, lookupKeys, mayBeShortened } from './names.ts';

/** Where the copies of a folder are expected at the target. */
export interface FolderPlace {
  folder: ContainerFact;
  /** System label that its copies carry, null for none. */
  system: string | null;
  /** Path that its own label is expected under; null where it needs none (Inbox, Sent Items …). */
  labelPath: string[] | null;
  /** The label that stands for it, once found. */
  label: ContainerFact | null;
}

/** How many messages a folder and a label have in common. */
export type SharedCount = (folderId: string, labelId: string) => number;

const SYSTEM_OF_ROOT: Readonly<Record<string, string>> = {
  inbox: 'INBOX',
  scheduled: 'INBOX',
  sentitems: 'SENT',
  drafts: 'DRAFT',
  outbox: 'DRAFT',
  deleteditems: 'TRASH',
  junkemail: 'SPAM',
};
/** Well-known folders that are label or state by themselves and get no label of their own. */
const WITHOUT_LABEL = new Set([...Object.keys(SYSTEM_OF_ROOT), 'archive']);

/** The name of a system label (`INBOX`), null for a label of the user's own. */
export function systemLabel(container: Pick<ContainerFact, 'id' | 'wellKnown'>): string | null {
  if (container.wellKnown?.startsWith('label:')) return container.wellKnown.slice('label:'.length);
  return /^(?:[A-Z][A-Z_]+)$/.test(container.id) ? container.id : null;
}

/** Where a folder's copies belong by the rule of design §9, before any label has been looked at. */
export function placeOf(folder: ContainerFact): FolderPlace {
  const root = rootOf(folder);
  const isRoot = folder.wellKnown !== null && root !== null;
  // Children of Inbox are ordinary labels; children of the other folders keep their parent's system label.
  const inherits = isRoot || (root !== 'inbox' && root !== 'scheduled');
  const system = root !== null && inherits ? (SYSTEM_OF_ROOT[root] ?? null) : null;
  const ownLabel = !(isRoot && root !== null && WITHOUT_LABEL.has(root));
  const path = root === 'inbox' && !isRoot ? folder.path.slice(1) : folder.path;
  return { folder, system, labelPath: ownLabel && path.length > 0 ? path : null, label: null };
}

/**
 * Finds for each folder the label that stands for it, one to one: by name first, and among labels whose names would
 * do, the one that holds the same messages.
 */
export function pairFolders(
  places: readonly FolderPlace[],
  labels: readonly ContainerFact[],
  shared: SharedCount,
): void {
  const candidates = candidatesOf(places, labels, shared);
  candidates.sort(byStrength);
  const taken = new Set<ContainerFact>();
  for (const { place, label } of candidates) {
    if (place.label !== null || taken.has(label)) continue;
    place.label = label;
    taken.add(label);
  }
}

interface Candidate {
  place: FolderPlace;
  label: ContainerFact;
  likeness: Likeness;
  shared: number;
}

function candidatesOf(
  places: readonly FolderPlace[],
  labels: readonly ContainerFact[],
  shared: SharedCount,
): Candidate[] {
  const own = labels.filter((label) => systemLabel(label) === null);
  const byKey = new Map<string, Set<ContainerFact>>();
  const add = (key: string, label: ContainerFact) => byKey.set(key, (byKey.get(key) ?? new Set()).add(label));
  for (const label of own) {
    for (const key of lookupKeys(label.path)) add(`name ${key}`, label);
    if (mayBeShortened(label.path)) add(`short ${initialOf(label.path)}`, label);
  }
  const found: Candidate[] = [];
  for (const place of places) {
    if (place.labelPath === null) continue;
    const path = place.labelPath;
    const folded = fold(path.join(''));
    const keys = [`name ${folded}`, `short ${initialOf(path)}`, 'short f', 'short u'];
    for (const label of new Set(keys.flatMap((key) => [...(byKey.get(key) ?? [])]))) {
      const likeness = likenessOfPaths(path, label.path);
      if (likeness === 0) continue;
      const count = shared(place.folder.id, label.id);
      // A shortened or hashed name says too little by itself; between empty ones it is all there is.
      const areEmpty = place.folder.serviceCount === 0 && label.serviceCount === 0;
      if (likeness > 1 || count > 0 || areEmpty) found.push({ place, label, likeness, shared: count });
    }
  }
  return found;
}

function initialOf(path: readonly string[]): string {
  return [...fold(path.join(''))][0] ?? '';
}

/** Stronger first: an equal name that shares messages, then any name that does, then names alone. */
function byStrength(a: Candidate, b: Candidate): number {
  return (
    Number(b.shared > 0) - Number(a.shared > 0) ||
    b.likeness - a.likeness ||
    b.shared - a.shared ||
    compareIds(a.place.folder.id, b.place.folder.id) ||
    compareIds(a.label.id, b.label.id)
  );
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
