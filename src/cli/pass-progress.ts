import type { EngineEvent, Observer } from '../core/ports.ts';
import type { Output } from './output.ts';

export interface PassTally {
  listed: number;
  settled: number;
  written: number;
  failed: number;
  bytes: number;
  running: number;
}

/** Renders the engine's events as one live line, and job stops as notes. */
export function passProgress(output: Output, now: () => number): { observe: Observer; tally: PassTally } {
  const tally: PassTally = { listed: 0, settled: 0, written: 0, failed: 0, bytes: 0, running: 0 };
  const began = now();
  const observe = (event: EngineEvent) => {
    count(tally, event);
    if (event.type === 'job-stopped') {
      const { job, error } = event;
      output.note(`${job.id} stopped: ${error.message} (${error.code})`, { job: job.id, code: error.code });
    }
    output.progress(
      () => line(tally, now() - began),
      () => ({ ...tally, elapsedMs: Math.round(now() - began) }),
    );
  };
  return { observe, tally };
}

function count(tally: PassTally, event: EngineEvent): void {
  if (event.type === 'listed') tally.listed += event.items;
  else if (event.type === 'job-started') tally.running += 1;
  else if (event.type === 'job-finished' || event.type === 'job-stopped')
    tally.running = Math.max(0, tally.running - 1);
  else if (event.type === 'settled') {
    tally.settled += event.items;
    tally.bytes += event.bytes;
    if (event.wrote) tally.written += 1;
    if (event.outcome === 'failed') tally.failed += event.items;
  }
}

function line(tally: PassTally, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (tally.settled / elapsedMs) * 1000 : 0;
  const parts = [
    `read ${tally.listed}`,
    `settled ${tally.settled}`,
    `${rate.toFixed(1)}/s`,
    `${(tally.bytes / 1e6).toFixed(1)} MB`,
    `${tally.running} jobs running`,
  ];
  if (tally.failed > 0) parts.push(`${tally.failed} failed`);
  return parts.join(' · ');
}
