import { createCalendarTarget } from '../adapters/google/calendar.ts';
import type { GoogleConnection } from '../adapters/google/client.ts';
import { createDirectoryTarget } from '../adapters/google/directory.ts';
import { createMailTarget } from '../adapters/google/mail.ts';
import { createCalendarSource } from '../adapters/graph/calendar.ts';
import type { GraphConnection } from '../adapters/graph/client.ts';
import { createDirectorySource } from '../adapters/graph/directory.ts';
import { createMailSource } from '../adapters/graph/mail.ts';
import { mapCalendarItem, prepareCalendar } from '../mappings/calendar-workload.ts';
import { directoryActions, mapDirectory } from '../mappings/directory.ts';
import type { PreparedCalendar } from '../mappings/events.ts';
import { mailNeedsResource, mapMail, prepareMail } from '../mappings/mail-workload.ts';
import type { PreparedMail } from '../mappings/messages.ts';
import type { EstateFiles } from './config/workspace.ts';
import type { Clock } from './core/clock.ts';
import { Config } from './core/errors.ts';
import type { CalendarWrite, DirectoryAction, MailValue } from './core/google.ts';
import { readMessageFacts } from './core/message-facts.ts';
import type { CalendarResource, DirectoryResource, MailResource } from './core/microsoft.ts';
import type { AnyWorkload, Workload } from './core/ports.ts';
import type { Job, SourceItem, WorkloadName } from './core/types.ts';

/** What a workload is made of: both ends of an organisation and what the CSV files say. */
export interface WorkloadParts {
  source: GraphConnection;
  target: GoogleConnection;
  files: EstateFiles;
  clock: Clock;
  /** True in the closing pass that suspends accounts which are disabled at the source. */
  suspendLeavers: boolean;
}

/** The registry: one line per workload joins source, mapping and target. */
const WORKLOADS: Readonly<Record<WorkloadName, (parts: WorkloadParts) => AnyWorkload>> = {
  directory: directoryWorkload,
  mail: mailWorkload,
  calendar: calendarWorkload,
};

/** The workload of a job, built once per organisation and workload. `ends` are looked up by organisation. */
export function createWorkloads(
  ends: readonly {
    body: { organisation: { id: string } };
    source: GraphConnection;
    target: GoogleConnection;
  }[],
  files: EstateFiles,
  clock: Clock,
  options: { suspendLeavers?: boolean } = {},
): (job: Job) => AnyWorkload {
  const built = new Map<string, AnyWorkload>();
  return (job) => {
    const key = `${job.workload}:${job.organisation.id}`;
    const known = built.get(key);
    if (known !== undefined) return known;
    const own = ends.find(({ body }) => body.organisation.id === job.organisation.id);
    if (own === undefined) throw new Config(`no ends for organisation ${job.organisation.id}`);
    const { source, target } = own;
    const parts = { source, target, files, clock, suspendLeavers: options.suspendLeavers ?? false };
    const workload = WORKLOADS[job.workload](parts);
    built.set(key, workload);
    return workload;
  };
}

function directoryWorkload({
  source,
  target,
  files,
  suspendLeavers,
}: WorkloadParts): Workload<DirectoryResource, DirectoryAction> {
  const { people, groups, rooms, addresses, addressRows } = files;
  const derive = ({ organisation }: Job, items: readonly SourceItem[]) =>
    directoryActions({
      organisation,
      resources: items.map((item) => item.inline as unknown as DirectoryResource),
      people,
      groups,
      rooms,
      addresses,
      addressRows,
      policy: organisation.policy,
      suspendLeavers,
    });
  return {
    name: 'directory',
    source: createDirectorySource(source.client),
    target: createDirectoryTarget(target),
    derive,
    containerRank: 0,
    prepare: () => null,
    groups: false,
    needsResource: () => false,
    map: (copies) => mapDirectory(copies),
  };
}

function mailWorkload({
  source,
  target,
  files,
  clock,
}: WorkloadParts): Workload<MailResource, MailValue, PreparedMail> {
  return {
    name: 'mail',
    source: createMailSource(source.client),
    target: createMailTarget(target),
    containerRank: 100,
    prepare: (job, containers) => prepareMail(job, containers, files.addresses, clock.now()),
    groups: true,
    fingerprint: async (resource, signal) => readMessageFacts(await wholeMessage(resource, signal)).bodyHash,
    needsResource: mailNeedsResource,
    map: mapMail,
  };
}

function calendarWorkload({
  source,
  target,
  files,
  clock,
}: WorkloadParts): Workload<CalendarResource, CalendarWrite, PreparedCalendar> {
  return {
    name: 'calendar',
    source: createCalendarSource(source.client),
    target: createCalendarTarget(target, resourceIdsOf(files.rooms)),
    containerRank: 1,
    prepare: (job, containers) => prepareCalendar(job, containers, files.addresses, clock.now()),
    groups: false,
    needsResource: () => false,
    map: mapCalendarItem,
  };
}

/** Resource ids of the rooms that move, by their old address. */
function resourceIdsOf(rooms: EstateFiles['rooms']): Map<string, string> {
  return new Map(
    rooms
      .filter(({ include, resourceId }) => include && resourceId !== '')
      .map(({ source, resourceId }) => [source.toLowerCase(), resourceId]),
  );
}

/** A message in one piece; asked only for the few whose Message-ID occurs more than once. */
async function wholeMessage(resource: MailResource, signal: AbortSignal): Promise<Uint8Array> {
  if (resource.kind === 'folder') return new Uint8Array();
  const parts: Uint8Array[] = [resource.header];
  if (resource.rest.whole !== null) parts.push(resource.rest.whole);
  else for await (const chunk of resource.rest.open(signal)) parts.push(chunk);
  return Buffer.concat(parts);
}
