/**
 * Measures the mail pipeline against the rehearsal tenants beside a bare loop of the same SDK calls and plain fetch:
 * `npm run bench -- [--rounds 11] [--messages 2400]`. Prints one line of JSON; what it means is in
 * docs/performance.md.
 */
import { parseArgs } from 'node:util';
import { LANES, type LaneName, MAILBOXES_AT_ONCE, MESSAGES_AT_ONCE } from './lanes.ts';
import { MESSAGE_BYTES, openStage, type Stage } from './stage.ts';

/** A round of a lane is made to last at least this long, judged by how fast it was while warming up. */
const ROUND_MS = 2_000;
const MARGIN = 1.25;
const WARM_UPS = 3;
const NAMES = Object.keys(LANES) as LaneName[];

interface Reading {
  messagesPerSecond: number;
  cpuMsPerMessage: number;
  elapsedMs: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    messages: { type: 'string', default: '2400' },
  },
});
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
process.once('SIGTERM', () => stopping.abort());

const perMailbox = Math.max(1, Math.ceil(positive('messages') / MAILBOXES_AT_ONCE));
const stage = await openStage(perMailbox, stopping.signal);
try {
  console.log(JSON.stringify(await measure(stage, positive('rounds'))));
} finally {
  await stage.close();
}

function positive(name: 'rounds' | 'messages'): number {
  const count = Number(values[name]);
  if (Number.isInteger(count) && count > 0) return count;
  console.error(`--${name} ${values[name]}: a whole number above 0 is allowed`);
  process.exit(2);
}

async function measure(stage: Stage, rounds: number) {
  const mailboxes = await warmUp(stage);
  const readings: Record<LaneName, Reading>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const found: Partial<Record<LaneName, Reading>> = {};
    // Every lane comes first, second and last equally often.
    for (const offset of NAMES.keys()) {
      const name = NAMES[(round + offset) % NAMES.length] ?? 'ferry';
      found[name] = await run(stage, name, mailboxes[name]);
    }
    readings.push(found as Record<LaneName, Reading>);
    console.error(
      `round ${round + 1} of ${rounds}: ${NAMES.map((name) => describe(name, found[name])).join(', ')}`,
    );
  }
  return report(stage, mailboxes, readings);
}

function describe(name: LaneName, reading: Reading | undefined): string {
  if (reading === undefined) return name;
  const { messagesPerSecond, cpuMsPerMessage, elapsedMs } = reading;
  return `${name} ${messagesPerSecond.toFixed(0)}/s ${cpuMsPerMessage.toFixed(2)} ms (${(elapsedMs / 1000).toFixed(1)} s)`;
}

/** Runs every lane a few times unmeasured, and finds how many mailboxes each needs to fill a round. */
async function warmUp(stage: Stage): Promise<Record<LaneName, number>> {
  const mailboxes = Object.fromEntries(NAMES.map((name) => [name, MAILBOXES_AT_ONCE])) as Record<
    LaneName,
    number
  >;
  for (let count = 0; count < WARM_UPS; count += 1) {
    for (const name of NAMES) {
      const { messagesPerSecond } = await run(stage, name, mailboxes[name]);
      const messages = (messagesPerSecond * ROUND_MS * MARGIN) / 1000;
      mailboxes[name] = Math.max(MAILBOXES_AT_ONCE, Math.ceil(messages / stage.messageIds.length));
    }
  }
  return mailboxes;
}

/** One lane once, into new mailboxes; CPU is that of this process alone. */
async function run(stage: Stage, name: LaneName, count: number): Promise<Reading> {
  const mailboxes = await stage.newMailboxes(count);
  const messages = count * stage.messageIds.length;
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await LANES[name](stage, mailboxes, stopping.signal);
  const { user, system } = process.cpuUsage(before);
  const elapsedMs = performance.now() - startedAt;
  return {
    messagesPerSecond: (messages * 1000) / elapsedMs,
    cpuMsPerMessage: (user + system) / 1000 / messages,
    elapsedMs,
  };
}

function report(
  stage: Stage,
  mailboxes: Record<LaneName, number>,
  readings: readonly Record<LaneName, Reading>[],
) {
  const lane = (name: LaneName) => ({
    messagesPerSecond: round(median(readings.map((each) => each[name].messagesPerSecond))),
    cpuMsPerMessage: round(median(readings.map((each) => each[name].cpuMsPerMessage))),
    messagesPerRound: mailboxes[name] * stage.messageIds.length,
    shortestRoundMs: Math.round(Math.min(...readings.map((each) => each[name].elapsedMs))),
  });
  const ratio = (name: LaneName, field: 'messagesPerSecond' | 'cpuMsPerMessage') => {
    const ratios = readings.map((each) => each.ferry[field] / each[name][field]);
    return {
      median: round(median(ratios)),
      least: round(Math.min(...ratios)),
      most: round(Math.max(...ratios)),
    };
  };
  const against = (name: LaneName) => ({
    messagesPerSecond: ratio(name, 'messagesPerSecond'),
    cpuMsPerMessage: ratio(name, 'cpuMsPerMessage'),
  });
  const ferry = lane('ferry');
  return {
    messagesPerSecond: ferry.messagesPerSecond,
    cpuMsPerMessage: ferry.cpuMsPerMessage,
    ferryToSdk: against('sdk'),
    ferryToFetch: against('fetch'),
    lanes: { ferry, sdk: lane('sdk'), fetch: lane('fetch') },
    rounds: readings.length,
    messageBytes: MESSAGE_BYTES,
    inFlight: MAILBOXES_AT_ONCE * MESSAGES_AT_ONCE,
    node: process.version,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
