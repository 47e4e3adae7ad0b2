import type { SystemLabel } from '../src/core/google.ts';
import type { GraphMailFolder } from '../src/core/microsoft.ts';
import type { Loss, Policy } from '../src/core/types.ts';
import { firstSegment, isVariantOf, joinSegments, labelSegment, numbered } from './labels.ts';
import { foldName } from './text.ts';

/** Rules under which a folder is left out. `empty-folder` concerns the label alone, never messages. */
export type FolderRule = 'junk' | 'system-folder' | 'search-folder' | 'empty-folder';

/** What becomes of one folder. */
export interface FolderPlan {
  /** Full label name; null when the folder needs no label of its own. */
  name: string | null;
  /** System labels that its messages carry. */
  system: readonly SystemLabel[];
  /** The rule by which it is left out, null when it is moved. */
  rule: FolderRule | null;
  /** Label for things that lie in the folder but cannot carry its system label (a sent message among drafts). */
  fallback: string | null;
  /** Well-known folder at or above it, lower case. */
  root: string | null;
  losses: readonly Loss[];
}

/** Folder id → plan. */
export type LabelPlan = ReadonlyMap<string, FolderPlan>;

/** The choices of the operator that decide about folders. */
export type FolderPolicy = Pick<Policy['mail'], 'junk' | 'emptyFolders'>;

interface RootRule {
  system: readonly SystemLabel[];
  /** `none`: no label, children at the top level; `prefix`: no label, children below its name; `label`: a label. */
  naming: 'none' | 'prefix' | 'label';
  rule?: FolderRule;
}

/** Well-known folders by their Graph names (mapping 3.2; docs: resources/mailfolder). */
const ROOTS: Readonly<Record<string, RootRule>> = {
  msgfolderroot: { system: [], naming: 'none' },
  inbox: { system: ['INBOX'], naming: 'none' },
  scheduled: { system: ['INBOX'], naming: 'prefix' },
  sentitems: { system: ['SENT'], naming: 'prefix' },
  drafts: { system: ['DRAFT'], naming: 'prefix' },
  outbox: { system: ['DRAFT'], naming: 'prefix' },
  deleteditems: { system: ['TRASH'], naming: 'prefix' },
  junkemail: { system: ['SPAM'], naming: 'prefix' },
  archive: { system: [], naming: 'prefix' },
  clutter: { system: [], naming: 'label' },
  conversationhistory: { system: [], naming: 'label' },
  syncissues: { system: [], naming: 'none', rule: 'system-folder' },
  conflicts: { system: [], naming: 'none', rule: 'system-folder' },
  localfailures: { system: [], naming: 'none', rule: 'system-folder' },
  serverfailures: { system: [], naming: 'none', rule: 'system-folder' },
  recoverableitemsdeletions: { system: [], naming: 'none', rule: 'system-folder' },
  searchfolders: { system: [], naming: 'none', rule: 'search-folder' },
};

function rootRule(wellKnown: string): RootRule | undefined {
  return ROOTS[wellKnown.startsWith('recoverableitems') ? 'recoverableitemsdeletions' : wellKnown];
}

interface Placed {
  plan: FolderPlan;
  /** Segments under which children stand. */
  segments: readonly string[];
  /** System labels that children inherit. */
  inherited: readonly SystemLabel[];
}

/**
 * Folder tree → labels (mapping 3.3): deterministic whatever the order of the input, no two folders with one label
 * (case folded), parents before children. `previous` (folder id → label name of an earlier run) keeps names stable
 * for as long as the folder's own path leads to the same name. Well-known folders go by name in any language.
 */
export function labelPlan(
  folders: readonly GraphMailFolder[],
  policy: FolderPolicy,
  previous: ReadonlyMap<string, string> = new Map(),
): LabelPlan {
  const placed = new Map<string, Placed>();
  const names = new LabelNames(heldNames(folders, previous));
  const sorted = [...folders].sort((a, b) => a.ids.length - b.ids.length || compare(a.id, b.id));
  const isKept = (folder: GraphMailFolder) => previous.has(folder.id);
  const depths = [...new Set(sorted.map((folder) => folder.ids.length))];
  for (const depth of depths) {
    const level = sorted.filter((folder) => folder.ids.length === depth);
    for (const folder of [...level.filter(isKept), ...level.filter((each) => !isKept(each))])
      placed.set(folder.id, place(folder, placed, names, policy, previous.get(folder.id)));
  }
  return new Map([...placed].map(([id, { plan }]) => [id, plan]));
}

function place(
  folder: GraphMailFolder,
  placed: ReadonlyMap<string, Placed>,
  names: LabelNames,
  policy: FolderPolicy,
  earlier: string | undefined,
): Placed {
  const parent = placed.get(folder.ids.at(-2) ?? '');
  const wellKnown = folder.wellKnown?.toLowerCase() ?? null;
  const known = wellKnown === null ? undefined : rootRule(wellKnown);
  const root = folder.root?.toLowerCase() ?? wellKnown ?? parent?.plan.root ?? null;
  const rule = skipRule(folder, known, parent, policy);
  const segment = labelSegment(folder.displayName);
  const above = known ? [] : (parent?.segments ?? []);
  const segments = above.length === 0 ? [firstSegment(segment)] : [...above, segment];
  const system = known?.system ?? parent?.inherited ?? [];
  const inherited = wellKnown === 'inbox' || wellKnown === 'scheduled' ? [] : system;
  const naming = known?.naming ?? 'label';
  const base = { system, rule, root, losses: [] as readonly Loss[] };
  if (naming === 'none') return { plan: { ...base, name: null, fallback: null }, segments: [], inherited };
  if (naming === 'prefix' || (rule !== null && rule !== 'empty-folder'))
    return { plan: { ...base, name: null, fallback: joinSegments(segments) }, segments, inherited };
  const name = names.take(folder.id, joinSegments(segments), earlier);
  const losses = nameLosses(folder, segments, name);
  return {
    plan: { ...base, name, fallback: name, losses },
    segments: childSegments(segments, name),
    inherited,
  };
}

function skipRule(
  folder: GraphMailFolder,
  known: RootRule | undefined,
  parent: Placed | undefined,
  policy: FolderPolicy,
): FolderRule | null {
  if (folder.isSearchFolder) return 'search-folder';
  if (known?.rule) return known.rule;
  const inherited = parent?.plan.rule ?? null;
  if (!known && inherited !== null && inherited !== 'empty-folder') return inherited;
  const root = folder.root?.toLowerCase() ?? '';
  const rootSkip = known ? undefined : rootRule(root)?.rule;
  if (rootSkip) return rootSkip;
  if (folder.isHidden && !known) return 'system-folder';
  if (policy.junk === 'skip' && (folder.wellKnown ?? folder.root)?.toLowerCase() === 'junkemail')
    return 'junk';
  return !policy.emptyFolders && !known && folder.totalItemCount === 0 ? 'empty-folder' : null;
}

/** Names of earlier runs that still fit their folder: nobody else may take them. */
function heldNames(
  folders: readonly GraphMailFolder[],
  previous: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const { id, displayName } of folders) {
    const name = previous.get(id);
    const last = name?.split('/').at(-1) ?? '';
    if (name !== undefined && isVariantOf(last, labelSegment(displayName))) held.set(foldName(name), id);
  }
  return held;
}

/** Hands out label names, each once, whatever the case. */
class LabelNames {
  readonly #taken = new Set<string>();
  readonly #held: ReadonlyMap<string, string>;

  constructor(held: ReadonlyMap<string, string>) {
    this.#held = held;
  }

  take(id: string, base: string, earlier: string | undefined): string {
    let name = earlier !== undefined && isVariantOf(earlier, base) ? earlier : base;
    for (let number = 1; !this.#isFree(name, id); number += 1)
      name = number === 1 ? base : numbered(base, number);
    this.#taken.add(foldName(name));
    return name;
  }

  #isFree(name: string, id: string): boolean {
    const folded = foldName(name);
    return !this.#taken.has(folded) && (this.#held.get(folded) ?? id) === id;
  }
}

/** Children of a folder whose label got a number stand below the numbered label. */
function childSegments(segments: readonly string[], name: string): readonly string[] {
  const joined = joinSegments(segments);
  const isWhole = joined === segments.join('/');
  if (!isWhole || name === joined) return segments;
  return name.split('/');
}

function nameLosses(folder: GraphMailFolder, segments: readonly string[], name: string): readonly Loss[] {
  const losses: Loss[] = [];
  const last = segments.at(-1) ?? '';
  if (last !== folder.displayName)
    losses.push({ field: 'name', kind: 'changed', reason: 'characters-or-reserved' });
  if (joinSegments(segments) !== segments.join('/'))
    losses.push({ field: 'name', kind: 'changed', reason: 'limit-225' });
  if (name !== joinSegments(segments)) losses.push({ field: 'name', kind: 'changed', reason: 'collision' });
  return losses;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
