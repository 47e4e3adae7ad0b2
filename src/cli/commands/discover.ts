import { createDirectorySource } from '../../../adapters/graph/directory.ts';
import { jobsOf } from '../../config/workspace.ts';
import type { DirectoryResource } from '../../core/microsoft.ts';
import type { EstateEntry } from '../../core/ports.ts';
import type { Job, JsonObject } from '../../core/types.ts';
import { openEnds } from '../connections.ts';
import { type Context, openWorkspace, withLedger } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

/** Reads the source estate of every organisation into the ledger. */
export async function discover(context: Context): Promise<ExitCode> {
  const { workspace, clock } = openWorkspace(context);
  const ends = openEnds(workspace, clock, context.log);
  for (const source of new Set(ends.map((end) => end.source))) await source.checkSignIn(context.signal);
  const jobs = jobsOf(workspace, [], ['directory']);
  const rows: (string | number)[][] = [];
  await withLedger(context, { workspace, clock }, async (ledger) => {
    for (const { body, source } of ends) {
      const job = jobs.find((own) => own.organisation.id === body.organisation.id);
      if (job === undefined) continue;
      const entries = await readEstate(context, createDirectorySource(source.client), job);
      await ledger.saveEstate(body.organisation.id, entries);
      rows.push(census(body.organisation.id, entries));
    }
  });
  context.output.table(
    'inventory',
    ['organisation', 'people', 'shared', 'rooms', 'guests', 'no mailbox', 'groups'],
    rows,
  );
  context.output.verdict('The source estate is in the ledger. Next: `ferry map`.', 0);
  return 0;
}

async function readEstate(
  context: Context,
  source: ReturnType<typeof createDirectorySource>,
  job: Job,
): Promise<EstateEntry[]> {
  const entries: EstateEntry[] = [];
  for await (const page of source.pages(job, new Map(), context.signal)) {
    for (const item of page.items) {
      const resource = item.inline as unknown as DirectoryResource;
      entries.push({ kind: resource.kind, id: resource.id, value: item.inline as JsonObject });
    }
    context.output.progress(
      () => `${job.organisation.id}: ${entries.length} read`,
      () => ({ organisation: job.organisation.id, read: entries.length }),
    );
  }
  return entries;
}

function census(organisation: string, entries: readonly EstateEntry[]): (string | number)[] {
  const resources = entries.map(({ value }) => value as unknown as DirectoryResource);
  const users = resources.filter((resource) => resource.kind === 'user');
  const members = users.filter((user) => user.userType !== 'Guest');
  const purposes = (...names: string[]) => members.filter((user) => names.includes(user.userPurpose)).length;
  return [
    organisation,
    purposes('user', 'linked'),
    purposes('shared'),
    resources.filter((resource) => resource.kind === 'room').length,
    users.length - members.length,
    purposes('none', 'unknown', 'others'),
    resources.filter((resource) => resource.kind === 'group').length,
  ];
}
