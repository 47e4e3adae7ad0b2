/** The three ways by which the benchmark moves messages. Each fills new mailboxes from the same one. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client, HTTPMessageHandler, ResponseType } from '@microsoft/microsoft-graph-client';
import { gmail_v1 } from 'googleapis/build/src/apis/gmail/v1.js';
import type { EstateFiles } from '../../src/config/workspace.ts';
import { addressBook } from '../../src/core/address-book.ts';
import { MigrationError } from '../../src/core/errors.ts';
import { silent } from '../../src/core/log.ts';
import { type Job, jobId } from '../../src/core/types.ts';
import { runPass } from '../../src/engine/pass.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { createWorkloads } from '../../src/workloads.ts';
import { SCALE, type Stage, type TargetMailbox } from './stage.ts';

/** Mailboxes at once, and messages of one mailbox in flight, in every lane. */
export const MAILBOXES_AT_ONCE = 8;
export const MESSAGES_AT_ONCE = 4;
/** The ledger's own grouping, in the clock's scaled time. */
const GROUPING = { gatherMs: 4 * SCALE, most: 64 };

/** Moves all messages into each of the mailboxes; throws when any is left out. */
export type Lane = (stage: Stage, mailboxes: readonly TargetMailbox[], signal: AbortSignal) => Promise<void>;

export const LANES = { ferry: byFerry, sdk: bySdk, fetch: byFetch } satisfies Record<string, Lane>;
export type LaneName = keyof typeof LANES;

/** The whole pipeline: engine, durable ledger, Graph source, mapping, Google target. */
async function byFerry(
  stage: Stage,
  mailboxes: readonly TargetMailbox[],
  signal: AbortSignal,
): Promise<void> {
  const { clock, graph, google, organisation } = stage;
  const path = join(mkdtempSync(join(stage.dir, 'ledger-')), 'ledger.db');
  const ledger = openLedger({ path, clock, grouping: GROUPING });
  const ends = [{ body: { organisation }, source: graph.connection, target: google.connection }];
  const workload = createWorkloads(ends, noFiles(), clock);
  const jobs = mailboxes.map(({ address }, index) => jobOf(stage, address, index));
  const concurrency = { principals: MAILBOXES_AT_ONCE, items: MESSAGES_AT_ONCE };
  const result = await runPass({ jobs, workload, ledger, clock, signal, log: silent, concurrency });
  await ledger.close();
  const left = result.failed + result.open + result.merged + result.stopped.length;
  const expected = jobs.length * stage.messageIds.length;
  if (left > 0 || result.written < expected)
    throw failure(`ferry wrote ${result.written} of ${expected} and left ${left}`);
}

/** One job per target mailbox. All read the same source mailbox, under names of their own. */
function jobOf({ organisation, mailbox }: Stage, target: string, index: number): Job {
  const [domain = ''] = Object.keys(organisation.domains);
  const source = `reader-${index}@${domain}`;
  const principal = { id: mailbox, source, target, organisation: organisation.id, wave: 'bench' };
  return {
    id: jobId('mail', principal),
    principal: { kind: 'person', ...principal },
    workload: 'mail',
    organisation,
  };
}

function noFiles(): EstateFiles {
  return { people: [], groups: [], rooms: [], addressRows: [], addresses: addressBook([]), recognised: {} };
}

/** The same two SDK calls for each message in a bare loop; the SDKs' retry is off and nothing of ours takes part. */
async function bySdk(stage: Stage, mailboxes: readonly TargetMailbox[], signal: AbortSignal): Promise<void> {
  const { origin, authorization } = stage.graph;
  const middleware = new HTTPMessageHandler();
  const graph = Client.initWithMiddleware({ baseUrl: `${origin}/`, defaultVersion: 'v1.0', middleware });
  const gmail = new gmail_v1.Gmail({});
  await eachMessage(stage, mailboxes, signal, async (id, mailbox) => {
    const bytes: ArrayBuffer = await graph
      .api(`/users/${stage.mailbox}/messages/${id}/$value`)
      .headers({ Authorization: authorization, Prefer: 'IdType="ImmutableId"' })
      .responseType(ResponseType.ARRAYBUFFER)
      .get();
    await gmail.users.messages.import(
      {
        userId: 'me',
        internalDateSource: 'dateHeader',
        neverMarkSpam: true,
        requestBody: { labelIds: ['INBOX'] },
        media: { mimeType: 'message/rfc822', body: Readable.from([Buffer.from(bytes)]) },
      },
      { headers: { authorization: mailbox.authorization }, retry: false, rootUrl: `${stage.google.origin}/` },
    );
  });
}

/** The same two requests by plain `fetch`. */
async function byFetch(
  stage: Stage,
  mailboxes: readonly TargetMailbox[],
  signal: AbortSignal,
): Promise<void> {
  const query = 'uploadType=multipart&internalDateSource=dateHeader&neverMarkSpam=true';
  const importUrl = `${stage.google.origin}/upload/gmail/v1/users/me/messages/import?${query}`;
  const messagesUrl = `${stage.graph.origin}/v1.0/users/${stage.mailbox}/messages`;
  const head = multipartHead();
  await eachMessage(stage, mailboxes, signal, async (id, mailbox) => {
    const headers = { authorization: stage.graph.authorization, prefer: 'IdType="ImmutableId"' };
    const read = await fetch(`${messagesUrl}/${id}/$value`, { headers, signal });
    const bytes = Buffer.from(await read.arrayBuffer());
    const answer = await fetch(importUrl, {
      method: 'POST',
      headers: { authorization: mailbox.authorization, 'content-type': 'multipart/related; boundary=bench' },
      body: Buffer.concat([head, bytes, Buffer.from('\r\n--bench--\r\n')]),
      signal,
    });
    await answer.text();
    if (!read.ok || !answer.ok) throw failure(`fetch was answered ${read.status} and ${answer.status}`);
  });
}

function multipartHead(): Buffer {
  const metadata = JSON.stringify({ labelIds: ['INBOX'] });
  return Buffer.from(
    `--bench\r\ncontent-type: application/json\r\n\r\n${metadata}\r\n--bench\r\ncontent-type: message/rfc822\r\n\r\n`,
  );
}

type Move = (id: string, mailbox: TargetMailbox) => Promise<void>;

/** Runs `move` with the concurrency of ferry: so many mailboxes at once, so many messages of each in flight. */
async function eachMessage(
  { messageIds }: Stage,
  mailboxes: readonly TargetMailbox[],
  signal: AbortSignal,
  move: Move,
): Promise<void> {
  await inParallel(mailboxes, MAILBOXES_AT_ONCE, (mailbox) =>
    inParallel(messageIds, MESSAGES_AT_ONCE, (id) => {
      signal.throwIfAborted();
      return move(id, mailbox);
    }),
  );
}

async function inParallel<T>(elements: readonly T[], width: number, work: (element: T) => Promise<void>) {
  const rest = elements.values();
  const worker = async () => {
    for (const element of rest) await work(element);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

function failure(message: string): MigrationError {
  return new MigrationError({ code: 'bench', message, scope: 'run' });
}
