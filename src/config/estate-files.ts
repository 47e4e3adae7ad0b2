import type { ConfigFault } from '../core/errors.ts';
import type { AddressRow, GroupRow, PersonKind, PersonRow, RoomRow } from '../core/estate-rows.ts';
import { type Column, type CsvRow, readCsv } from './csv.ts';

export const PEOPLE_COLUMNS = [
  'source',
  'target',
  'organisation',
  'wave',
  'kind',
  'include',
  'org_unit',
  'licence',
  'note',
] as const;
export const GROUP_COLUMNS = ['source', 'target', 'organisation', 'type', 'include', 'note'] as const;
export const ROOM_COLUMNS = ['source', 'resource_id', 'name', 'building', 'capacity', 'include'] as const;
export const ADDRESS_COLUMNS = ['old', 'new', 'kind', 'rule'] as const;

export interface ParsedFile<T> {
  rows: T[];
  faults: ConfigFault[];
  recognised: Readonly<Record<string, string>>;
}

/** Header names of other tools: Google's Exchange import, GWM, CloudM, Cloudiway, Fly, Exchange batches. */
const PEOPLE: Column[] = [
  {
    name: 'source',
    required: true,
    synonyms: [
      'source exchange email',
      'source exchangeuser',
      'source email',
      'exportname',
      'email address',
      'user',
    ],
  },
  {
    name: 'target',
    required: true,
    synonyms: [
      'target email',
      'target guser',
      'importname',
      'destination',
      'primary email',
      'target google email',
    ],
  },
  { name: 'organisation', synonyms: ['organization', 'body'] },
  { name: 'wave', synonyms: ['batch', 'batchname', 'batch name'] },
  { name: 'kind', synonyms: ['type', 'source recipient type', 'source type', 'export object type'] },
  { name: 'include', synonyms: ['migrate'] },
  { name: 'org_unit', synonyms: ['org unit path', 'ou'] },
  { name: 'licence', synonyms: ['license'] },
  { name: 'note', synonyms: ['notes', 'comment'] },
];

const ADDRESS = /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$/;
const KINDS: Record<string, PersonKind> = {
  '': 'person',
  person: 'person',
  user: 'person',
  standard: 'person',
  usermailbox: 'person',
  shared: 'shared',
  sharedmailbox: 'shared',
  account: 'account',
  accountonly: 'account',
};

/** Reads `people.csv`. `organisations` are the ids that `ferry.yaml` knows. */
export function parsePeople(
  text: string,
  file: string,
  organisations: readonly string[],
): ParsedFile<PersonRow> {
  const table = readCsv(text, file, PEOPLE);
  const faults = [...table.faults];
  const only = organisations.length === 1 ? organisations[0] : undefined;
  const rows = table.rows.map(({ line, values }): PersonRow => {
    const say = (found: string, allowed: string) => faults.push({ file, line, found, allowed });
    const row = personRow(values, only ?? '');
    const kind = KINDS[(values.kind ?? '').toLowerCase().replace(/[\s_-]/g, '')];
    if (!ADDRESS.test(row.source)) say(`source "${row.source}"`, 'an address such as ann@old.example');
    if (row.include && !ADDRESS.test(row.target))
      say(`target "${row.target}"`, 'an address such as ann@new.example');
    if (!organisations.includes(row.organisation))
      say(`organisation "${row.organisation}"`, organisations.join(', '));
    if (kind === undefined)
      say(`kind "${values.kind}"`, 'person, shared or account (a person without a mailbox)');
    if (row.orgUnit !== '' && !row.orgUnit.startsWith('/'))
      say(`org_unit "${row.orgUnit}"`, 'a path that starts with /');
    if (yes(values.include) === null) say(`include "${values.include}"`, 'yes or no');
    return { ...row, kind: kind ?? 'person' };
  });
  faults.push(...duplicates(rows, table.rows, file));
  return { rows, faults, recognised: table.recognised };
}

function personRow(values: CsvRow['values'], organisation: string): PersonRow {
  return {
    source: (values.source ?? '').toLowerCase(),
    target: (values.target ?? '').toLowerCase(),
    organisation: values.organisation || organisation,
    wave: values.wave || '1',
    kind: 'person',
    include: yes(values.include) ?? false,
    orgUnit: values.org_unit ?? '',
    licence: values.licence ?? '',
    note: values.note ?? '',
  };
}

/** Reads `groups.csv`. */
export function parseGroups(
  text: string,
  file: string,
  organisations: readonly string[],
): ParsedFile<GroupRow> {
  const table = readCsv(text, file, [
    { name: 'source', required: true },
    { name: 'target', required: true },
    { name: 'organisation', synonyms: ['organization'] },
    { name: 'type' },
    { name: 'include' },
    { name: 'note' },
  ]);
  const faults = [...table.faults];
  const rows = table.rows.map(({ line, values }): GroupRow => {
    const say = (found: string, allowed: string) => faults.push({ file, line, found, allowed });
    const include = yes(values.include);
    const target = (values.target ?? '').toLowerCase();
    if (!values.source) say('no source', 'the address or object id of the group');
    if (include === null) say(`include "${values.include}"`, 'yes or no');
    if (include && !ADDRESS.test(target)) say(`target "${target}"`, 'an address such as team@new.example');
    const organisation = values.organisation || (organisations[0] ?? '');
    if (!organisations.includes(organisation))
      say(`organisation "${organisation}"`, organisations.join(', '));
    return {
      source: (values.source ?? '').toLowerCase(),
      target,
      organisation,
      type: values.type ?? '',
      include: include ?? false,
      note: values.note ?? '',
    };
  });
  return { rows, faults, recognised: table.recognised };
}

/** Reads `rooms.csv`. */
export function parseRooms(text: string, file: string): ParsedFile<RoomRow> {
  const table = readCsv(text, file, [
    { name: 'source', required: true },
    { name: 'resource_id', required: true },
    { name: 'name', required: true },
    { name: 'building' },
    { name: 'capacity' },
    { name: 'include' },
  ]);
  const faults = [...table.faults];
  const rows = table.rows.map(({ line, values }): RoomRow => {
    const say = (found: string, allowed: string) => faults.push({ file, line, found, allowed });
    const include = yes(values.include);
    const capacity = values.capacity ? Number(values.capacity) : null;
    if (include === null) say(`include "${values.include}"`, 'yes or no');
    if (capacity !== null && !Number.isInteger(capacity))
      say(`capacity "${values.capacity}"`, 'a whole number');
    return {
      source: (values.source ?? '').toLowerCase(),
      resourceId: values.resource_id ?? '',
      name: values.name ?? '',
      building: values.building ?? '',
      capacity,
      include: include ?? false,
    };
  });
  return { rows, faults, recognised: table.recognised };
}

/** Reads `addresses.csv`. */
export function parseAddresses(text: string, file: string): ParsedFile<AddressRow> {
  const table = readCsv(text, file, [
    { name: 'old', required: true },
    { name: 'new', required: true },
    { name: 'kind' },
    { name: 'rule' },
  ]);
  const faults = [...table.faults];
  const seen = new Map<string, string>();
  const rows = table.rows.map(({ line, values }): AddressRow => {
    const row = {
      old: (values.old ?? '').toLowerCase(),
      new: (values.new ?? '').toLowerCase(),
      kind: values.kind ?? '',
      rule: values.rule ?? '',
    };
    const say = (found: string, allowed: string) => faults.push({ file, line, found, allowed });
    if (row.old === '') say('no old address', 'an SMTP, UPN or X500 address');
    if (row.new !== '' && !ADDRESS.test(row.new))
      say(`new "${row.new}"`, 'an address such as ann@new.example, or nothing');
    const other = seen.get(row.old);
    if (other !== undefined && other !== row.new)
      say(`"${row.old}" leads to ${row.new} and to ${other}`, 'one new address for each old one');
    seen.set(row.old, row.new);
    return row;
  });
  return { rows, faults, recognised: table.recognised };
}

function duplicates(rows: readonly PersonRow[], lines: readonly CsvRow[], file: string): ConfigFault[] {
  const sources = new Map<string, number>();
  const targets = new Map<string, number>();
  return rows.flatMap((row, index) => {
    const line = lines[index]?.line ?? 0;
    const faults: ConfigFault[] = [];
    const source = sources.get(row.source);
    if (source !== undefined)
      faults.push({
        file,
        line,
        found: `source ${row.source} again (line ${source})`,
        allowed: 'each source once',
      });
    sources.set(row.source, source ?? line);
    if (!row.include || /^merge\b/i.test(row.note)) return faults;
    const target = targets.get(row.target);
    if (target !== undefined && row.target !== '') {
      const allowed = 'each target once, or a note that begins with "merge"';
      faults.push({ file, line, found: `target ${row.target} again (line ${target})`, allowed });
    }
    targets.set(row.target, target ?? line);
    return faults;
  });
}

/** `yes`, `no` in the words of the field; empty means yes; null for anything else. */
function yes(cell: string | undefined): boolean | null {
  const word = (cell ?? '').toLowerCase();
  if (['', 'yes', 'y', 'true', '1', 'x'].includes(word)) return true;
  if (['no', 'n', 'false', '0'].includes(word)) return false;
  return null;
}
