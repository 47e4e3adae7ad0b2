import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressBook } from '../core/address-book.ts';
import type { SourceConnection, TargetConnection } from '../core/connections.ts';
import { Config, type ConfigFault } from '../core/errors.ts';
import type { AddressRow, GroupRow, PersonRow, RoomRow } from '../core/estate-rows.ts';
import type { Quota } from '../core/quota.ts';
import {
  type AddressBook,
  type Job,
  jobId,
  type Organisation,
  type Principal,
  type WorkloadName,
} from '../core/types.ts';
import { followTargets } from './chosen-targets.ts';
import { type CredentialContext, sourceConnection, targetConnection } from './credentials.ts';
import { refuseFaults } from './csv.ts';
import { type ParsedFile, parseAddresses, parseGroups, parsePeople, parseRooms } from './estate-files.ts';
import { parseFerryYaml } from './ferry-yaml.ts';
import { type FerryYaml, isLoopback, type SourceYaml, type TargetYaml } from './ferry-yaml-schema.ts';
import { type LedgerPlace, ledgerPlace } from './ledger-place.ts';
import { overlay, policySchema } from './policy.ts';

/** An organisation with the two ends that its people move between. */
export interface Body {
  organisation: Organisation;
  source: SourceConnection;
  target: TargetConnection;
  /** The checker's own pair where `reconcile:` names one, else the mover's. */
  checkSource: SourceConnection;
  checkTarget: TargetConnection;
  /** Declared unfinished in `ferry.yaml`. */
  unfinished: boolean;
}

/** What `ferry.yaml` says, resolved: defaults filled in, credentials read. */
export interface Workspace {
  dir: string;
  bodies: readonly Body[];
  /** Divides waits and windows; above 1 only where every host is on this machine. */
  timeScale: number;
  privacy: 'counts' | 'hashed' | 'full';
  /** Where the ledger is kept. */
  ledger: LedgerPlace;
  /** The vendors' quotas, with what the operator overrides. */
  quota: Quota;
}

/** What the CSV files beside `ferry.yaml` say. */
export interface EstateFiles {
  people: readonly PersonRow[];
  groups: readonly GroupRow[];
  rooms: readonly RoomRow[];
  addressRows: readonly AddressRow[];
  addresses: AddressBook;
  /** File → header name → our column, for names of other tools that were recognised. */
  recognised: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Reads `ferry.yaml` and what it names. Throws `Config` with every fault at once. */
export function loadWorkspace(dir: string, env: Env): Workspace {
  const file = 'ferry.yaml';
  const path = join(dir, file);
  if (!existsSync(path)) {
    const fault = {
      file,
      line: 0,
      found: `no such file in ${dir}`,
      allowed: 'a file as `ferry init` writes it',
    };
    throw new Config('there is no ferry.yaml here', [fault]);
  }
  const { yaml, faults, lineOf } = parseFerryYaml(readFileSync(path, 'utf8'), file);
  if (yaml === null) throw refusal(faults);
  const context = (at: readonly PropertyKey[]): CredentialContext => ({
    dir,
    file,
    line: lineOf([...at, 'credential']),
    env,
    faults,
  });
  faults.push(...crossFaults(yaml, file, lineOf));
  const bodies = bodiesOf(yaml, context);
  const timeScale = scaleOf(env, yaml, faults);
  const ledger = ledgerPlace(yaml, { dir, file, line: lineOf(['ledger']), env, faults });
  refuseFaults(faults);
  return { dir, bodies, timeScale, privacy: yaml.policy.privacy, ledger, quota: yaml.quota };
}

function refusal(faults: readonly ConfigFault[]): Config {
  return new Config(`${faults.length} fault${faults.length === 1 ? '' : 's'} in the configuration`, faults);
}

function bodiesOf(yaml: FerryYaml, context: (at: readonly PropertyKey[]) => CredentialContext): Body[] {
  const source = sourceConnection(yaml.source, context(['source']));
  const target = targetConnection(yaml.target, context(['target']));
  const check = yaml.reconcile;
  const checkSource = check?.source ? sourceConnection(check.source, context(['reconcile', 'source'])) : null;
  const checkTarget = check?.target ? targetConnection(check.target, context(['reconcile', 'target'])) : null;
  return yaml.organisations.flatMap((own, index) => {
    const at = ['organisations', index] as const;
    const ownSource = own.source ? sourceConnection(own.source, context([...at, 'source'])) : source;
    const ownTarget = own.target ? targetConnection(own.target, context([...at, 'target'])) : target;
    if (ownSource === null || ownTarget === null) return [];
    return {
      organisation: {
        id: own.id,
        domains: own.domains,
        orgUnit: own.orgUnit,
        ...(own.deadline === undefined ? {} : { deadline: own.deadline }),
        policy: policySchema.parse(overlay(yaml.policy, own.policy)),
      },
      source: ownSource,
      target: ownTarget,
      checkSource: own.source ? ownSource : (checkSource ?? ownSource),
      checkTarget: own.target ? ownTarget : (checkTarget ?? ownTarget),
      unfinished: own.unfinished,
    };
  });
}

function crossFaults(
  yaml: FerryYaml,
  file: string,
  lineOf: (path: readonly PropertyKey[]) => number,
): ConfigFault[] {
  const ids = new Set<string>();
  const domains = new Map<string, string>();
  return yaml.organisations.flatMap(({ id, domains: own }, index) => {
    const faults: ConfigFault[] = [];
    const line = lineOf(['organisations', index, 'id']);
    if (ids.has(id)) faults.push({ file, line, found: `organisation ${id} again`, allowed: 'each id once' });
    ids.add(id);
    for (const domain of Object.keys(own)) {
      const other = domains.get(domain);
      const where = lineOf(['organisations', index, 'domains', domain]);
      if (other !== undefined)
        faults.push({
          file,
          line: where,
          found: `${domain} belongs to ${other} too`,
          allowed: 'each source domain in one organisation',
        });
      domains.set(domain, id);
    }
    return faults;
  });
}

/** `FERRY_TIME_SCALE` is for rehearsals: against any tenant beyond this machine it would break promises to a vendor. */
function scaleOf(env: Env, yaml: FerryYaml, faults: ConfigFault[]): number {
  const text = env.FERRY_TIME_SCALE;
  if (text === undefined || text === '') return 1;
  const scale = Number(text);
  const say = (found: string, allowed: string) =>
    faults.push({ file: 'FERRY_TIME_SCALE', line: 0, found, allowed });
  if (!(scale >= 1 && scale <= 10_000)) say(text, 'a number from 1 to 10000');
  else if (scale > 1 && !hostsOf(yaml).every(isLoopback))
    say(text, '1, or nothing: some configured host is not a rehearsal tenant');
  return scale;
}

function hostsOf(yaml: FerryYaml): string[] {
  const sources: (SourceYaml | undefined)[] = [
    yaml.source,
    yaml.reconcile?.source,
    ...yaml.organisations.map((own) => own.source),
  ];
  const targets: (TargetYaml | undefined)[] = [
    yaml.target,
    yaml.reconcile?.target,
    ...yaml.organisations.map((own) => own.target),
  ];
  return [
    ...sources.flatMap((source) => (source ? [source.authority, source.endpoint] : [])),
    ...targets.flatMap((target) => (target ? [target.endpoint ?? 'https://www.googleapis.com'] : [])),
  ].map((origin) => new URL(origin).hostname);
}

/** Reads the CSV files. Throws `Config` with every fault of all files at once; without `people.csv` it says so. */
export function loadEstateFiles(workspace: Workspace): EstateFiles {
  const organisations = workspace.bodies.map(({ organisation }) => organisation.id);
  const faults: ConfigFault[] = [];
  const recognised: Record<string, Readonly<Record<string, string>>> = {};
  const load = <T>(file: string, parse: (text: string) => ParsedFile<T>): T[] => {
    const path = join(workspace.dir, file);
    if (!existsSync(path)) {
      faults.push({
        file,
        line: 0,
        found: 'no such file',
        allowed: 'the file that `ferry discover` and `ferry map` write',
      });
      return [];
    }
    const parsed = parse(readFileSync(path, 'utf8'));
    faults.push(...parsed.faults);
    if (Object.keys(parsed.recognised).length > 0) recognised[file] = parsed.recognised;
    return parsed.rows;
  };
  const people = load('people.csv', (text) => parsePeople(text, 'people.csv', organisations));
  const groups = load('groups.csv', (text) => parseGroups(text, 'groups.csv', organisations));
  const rooms = load('rooms.csv', (text) => parseRooms(text, 'rooms.csv'));
  const addresses = load('addresses.csv', (text) => parseAddresses(text, 'addresses.csv'));
  refuseFaults(faults);
  const addressRows = followTargets(addresses, [...people, ...groups]);
  return { people, groups, rooms, addressRows, addresses: addressBook(addressRows), recognised };
}

export interface Scope {
  organisations?: readonly string[];
  waves?: readonly string[];
  /** Source or target addresses. */
  only?: readonly string[];
}

/** The principals in scope: one per included row of `people.csv`, and each organisation for its directory. */
export function principalsOf(workspace: Workspace, files: EstateFiles, scope: Scope = {}): Principal[] {
  const inOrganisation = (id: string) => !scope.organisations?.length || scope.organisations.includes(id);
  return files.people
    .filter((row) => row.include && inOrganisation(row.organisation))
    .filter((row) => !scope.waves?.length || scope.waves.includes(row.wave))
    .filter(
      (row) => !scope.only?.length || scope.only.includes(row.source) || scope.only.includes(row.target),
    )
    .map((row) => ({
      kind: row.kind,
      id: row.source,
      source: row.source,
      target: row.target,
      organisation: row.organisation,
      wave: row.wave,
    }))
    .filter((principal) =>
      workspace.bodies.some(({ organisation }) => organisation.id === principal.organisation),
    );
}

/** The organisation as a principal of its own: the owner of its directory job. */
export function organisationPrincipal(organisation: Organisation): Principal {
  const { id } = organisation;
  return { kind: 'organisation', id, source: id, target: id, organisation: id, wave: '' };
}

/**
 * Jobs of the principals for the given workloads; the directory once per organisation. People without a mailbox are in
 * the directory alone.
 */
export function jobsOf(
  workspace: Workspace,
  principals: readonly Principal[],
  workloads: readonly WorkloadName[],
  scope: Scope = {},
): Job[] {
  return workspace.bodies
    .filter(
      ({ organisation }) => !scope.organisations?.length || scope.organisations.includes(organisation.id),
    )
    .flatMap(({ organisation }) => {
      const own = principals.filter((principal) => principal.organisation === organisation.id);
      const job = (workload: WorkloadName, principal: Principal): Job => ({
        id: jobId(workload, principal),
        principal,
        workload,
        organisation,
      });
      const directory = workloads.includes('directory')
        ? [job('directory', organisationPrincipal(organisation))]
        : [];
      const content = workloads.filter((workload) => workload !== 'directory');
      return [
        ...directory,
        ...own
          .filter(({ kind }) => kind !== 'account')
          .flatMap((principal) => content.map((workload) => job(workload, principal))),
      ];
    });
}
