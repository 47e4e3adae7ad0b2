import type { ContainerFact } from '../core/facts.ts';
import type { JobCheck, Unit } from './job-check.ts';
import { type EndsOf, readContainers } from './mail.ts';
import { type FolderPlace, pairFolders, systemLabel } from './mail-folders.ts';
import { folderRule, rootOf } from './mail-rules.ts';

/**
 * Compares one mailbox by the services' own counters alone (depth `counts`). A label's counter holds the messages of
 * its folder; archived mail has no label and deleted mail an age that no counter tells: both are left out by name.
 */
export async function compareMailCounts(check: JobCheck, ends: EndsOf): Promise<void> {
  const { folders, labels, places } = await readContainers(check, ends);
  pairFolders([...places.values()], [...labels.values()], () => 0);
  const systems = new Map<string, number>();
  check.store.transaction(() => {
    for (const folder of folders.values()) {
      if (folder.virtual) continue;
      const count = folder.serviceCount ?? 0;
      check.count(count);
      const left = folderRule(folder, ends.organisation.policy);
      const place = places.get(folder.id);
      const unit = unitOf(folder);
      if (left !== null) check.settle(unit, left.fate, { rule: left.rule, units: count });
      else if (place === undefined || !isCountable(place, folder))
        check.settle(unit, 'excluded', { rule: 'no-counter', units: count });
      else if (place.labelPath === null && place.system !== null) addTo(systems, place.system, count);
      else compareCount(check, unit, count, place.label?.serviceCount ?? 0);
    }
    for (const [system, count] of systems) {
      const label = [...labels.values()].find((candidate) => systemLabel(candidate) === system);
      const unit = { container: system, containerKey: system, item: system, identity: '' };
      compareCount(check, unit, count, label?.serviceCount ?? 0, system !== 'INBOX');
    }
  });
}

function isCountable(place: FolderPlace, folder: ContainerFact): boolean {
  if (folder.serviceCount === null) return false;
  const root = rootOf(folder);
  if (root === 'deleteditems' || root === 'junkemail') return false;
  return place.labelPath !== null || place.system !== null;
}

function addTo(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

/** `tolerant` counters also count what other folders' items add to the same label. */
function compareCount(check: JobCheck, unit: Unit, source: number, target: number, tolerant = false): void {
  const arrived = Math.min(source, target);
  if (arrived > 0) check.settle(unit, 'arrived', { units: arrived });
  const values = { field: 'count', sourceValue: String(source), targetValue: String(target) };
  if (source > target) check.miss(unit, { code: 'count-lower', ...values, units: source - target });
  if (target > source && !tolerant)
    check.surplus(unit, { code: 'count-higher', ...values, units: target - source });
}

function unitOf(folder: ContainerFact): Unit {
  return { container: folder.path.join('/'), containerKey: folder.id, item: folder.id, identity: '' };
}
