import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Collision, planAddresses } from '../../../mappings/address-plan.ts';
import { groupRows, peopleRows, roomRows } from '../../../mappings/estate-rows.ts';
import { followTargets } from '../../config/chosen-targets.ts';
import { refuseFaults, writeCsv } from '../../config/csv.ts';
import {
  ADDRESS_COLUMNS,
  GROUP_COLUMNS,
  type ParsedFile,
  PEOPLE_COLUMNS,
  parseAddresses,
  parseGroups,
  parsePeople,
  parseRooms,
  ROOM_COLUMNS,
} from '../../config/estate-files.ts';
import { mergeRows } from '../../config/merge-rows.ts';
import { Config, type ConfigFault } from '../../core/errors.ts';
import type { AddressRow, GroupRow, PersonRow, RoomRow } from '../../core/estate-rows.ts';
import type { DirectoryResource } from '../../core/microsoft.ts';
import type { Ledger } from '../../core/ports.ts';
import { type Context, openWorkspace, withLedger } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

interface Written {
  file: string;
  rows: number;
  added: number;
  kept: number;
  gone: readonly string[];
}

/** Writes or completes the CSV files. What a person has edited stays; what is new is added; what is gone is named. */
export async function map(context: Context): Promise<ExitCode> {
  const { workspace, clock } = openWorkspace(context);
  const organisations = workspace.bodies.map(({ organisation }) => organisation);
  const ids = organisations.map(({ id }) => id);
  const resources = await withLedger(context, { workspace, clock }, (ledger) => discovered(ledger, ids));
  if (resources.length === 0) {
    const fault: ConfigFault = {
      file: '.ferry/ledger.db',
      line: 0,
      found: 'no estate',
      allowed: 'one that `ferry discover` has read',
    };
    throw new Config('the source estate has not been discovered', [fault]);
  }
  const known = readKnown(context.dir, ids);
  const chosen = new Map(
    [...known.people.rows, ...known.groups.rows]
      .filter((row) => row.target !== '')
      .map((row) => [row.source, row.target]),
  );
  const plan = planAddresses(resources, organisations, chosen);
  const written = [
    write(
      context.dir,
      'people.csv',
      PEOPLE_COLUMNS,
      mergeRows(known.people.rows, peopleRows(resources, organisations, plan), (row) => row.source),
      personCells,
    ),
    write(
      context.dir,
      'groups.csv',
      GROUP_COLUMNS,
      mergeRows(known.groups.rows, groupRows(resources, organisations, plan), (row) => row.source),
      groupCells,
    ),
    write(
      context.dir,
      'rooms.csv',
      ROOM_COLUMNS,
      mergeRows(known.rooms.rows, roomRows(resources), (row) => row.source),
      roomCells,
    ),
    write(
      context.dir,
      'addresses.csv',
      ADDRESS_COLUMNS,
      mergeRows(
        followTargets(known.addresses.rows, [...known.people.rows, ...known.groups.rows]),
        plan.rows,
        (row) => row.old,
      ),
      addressCells,
    ),
  ];
  report(context, written, plan.collisions);
  return 0;
}

async function discovered(ledger: Ledger, organisations: readonly string[]): Promise<DirectoryResource[]> {
  const resources = new Map<string, DirectoryResource>();
  for (const organisation of organisations) {
    for await (const { kind, id, value } of ledger.estate(organisation)) {
      resources.set(`${kind}:${id}`, value as unknown as DirectoryResource);
    }
  }
  return [...resources.values()];
}

function readKnown(dir: string, organisations: readonly string[]) {
  const faults: ConfigFault[] = [];
  const read = <T>(file: string, parse: (text: string) => ParsedFile<T>): ParsedFile<T> => {
    const path = join(dir, file);
    if (!existsSync(path)) return { rows: [], faults: [], recognised: {} };
    const parsed = parse(readFileSync(path, 'utf8'));
    faults.push(...parsed.faults);
    return parsed;
  };
  const known = {
    people: read('people.csv', (text) => parsePeople(text, 'people.csv', organisations)),
    groups: read('groups.csv', (text) => parseGroups(text, 'groups.csv', organisations)),
    rooms: read('rooms.csv', (text) => parseRooms(text, 'rooms.csv')),
    addresses: read('addresses.csv', (text) => parseAddresses(text, 'addresses.csv')),
  };
  refuseFaults(faults);
  return known;
}

function write<T>(
  dir: string,
  file: string,
  columns: readonly string[],
  merged: { rows: T[]; added: number; kept: number; gone: string[] },
  cells: (row: T) => Record<string, string>,
): Written {
  const path = join(dir, file);
  const text = writeCsv(columns, merged.rows.map(cells));
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return { file, rows: merged.rows.length, added: merged.added, kept: merged.kept, gone: merged.gone };
}

function report(context: Context, written: readonly Written[], collisions: readonly Collision[]): void {
  const { output } = context;
  output.table(
    'files',
    ['file', 'rows', 'new', 'kept', 'gone'],
    written.map(({ file, rows, added, kept, gone }) => [file, rows, added, kept, gone.length]),
  );
  for (const { file, gone } of written) {
    for (const key of gone.slice(0, 20))
      output.note(`${file}: ${key} is no longer at the source; the row was kept`, { file, gone: key });
  }
  if (collisions.length > 0) {
    output.table(
      'collisions',
      ['address', 'clash', 'kept by', 'lost by', 'instead'],
      collisions.map(({ target, clash, kept, lost, instead }) => [
        target,
        clash,
        kept,
        lost,
        instead ?? '(left out)',
      ]),
    );
  }
  const words =
    collisions.length === 0 ? 'no collisions' : `${collisions.length} collisions, resolved as shown`;
  output.verdict(`The CSV files are complete: ${words}. Look them through, then \`ferry plan\`.`, 0, {
    collisions: collisions.length,
  });
}

const yesNo = (flag: boolean) => (flag ? 'yes' : 'no');

function personCells(row: PersonRow): Record<string, string> {
  const { source, target, organisation, wave, kind, licence, note } = row;
  return {
    source,
    target,
    organisation,
    wave,
    kind,
    include: yesNo(row.include),
    org_unit: row.orgUnit,
    licence,
    note,
  };
}

function groupCells(row: GroupRow): Record<string, string> {
  const { source, target, organisation, type, note } = row;
  return { source, target, organisation, type, include: yesNo(row.include), note };
}

function roomCells(row: RoomRow): Record<string, string> {
  const { source, name, building } = row;
  return {
    source,
    resource_id: row.resourceId,
    name,
    building,
    capacity: row.capacity === null ? '' : String(row.capacity),
    include: yesNo(row.include),
  };
}

function addressCells(row: AddressRow): Record<string, string> {
  return { old: row.old, new: row.new, kind: row.kind, rule: row.rule };
}
