import { readFileSync } from 'node:fs';
import { DEFAULT_ESTATE, type EstateOptions } from './estate/types.ts';
import type { FaultProfile } from './service/types.ts';

/** What the tenants' process is told, as one JSON argument; everything may be left out. */
export interface RehearsalOptions {
  estate: EstateOptions;
  faults: FaultProfile;
  /** Counts everything, refuses nothing for a quota. */
  limitsOff: boolean;
  /** Ports of the two services; 0 for free ones. */
  ports: { microsoft: number; google: number };
  /** With it both services speak https. */
  tls: { key: string; cert: string } | null;
  /** File that gets every exchange as a line of JSON. */
  recordFile: string | null;
  /** Folder for message bytes at Google; null for a temporary one that is removed at the end. */
  stateDir: string | null;
  /** Ends the process when its standard input closes. */
  followParent: boolean;
  /** Real milliseconds that every request takes at least. */
  latencyMs: number;
  /** Divides every wait and window; from FERRY_TIME_SCALE. */
  timeScale: number;
  /** `legacy`: the Gmail quotas of projects from before May 2026. */
  quotaProfile: '2026' | 'legacy';
}

interface GivenOptions extends Partial<Omit<RehearsalOptions, 'estate' | 'ports' | 'tls'>> {
  estate?: Partial<EstateOptions>;
  corpusDir?: string | null;
  ports?: Partial<RehearsalOptions['ports']>;
  /** PEM files. */
  tls?: { keyFile: string; certFile: string } | null;
}

/** Reads the argument and FERRY_TIME_SCALE; a RangeError for a time scale that is no positive number. */
export function readOptions(argument: string | undefined, env: NodeJS.ProcessEnv): RehearsalOptions {
  const given = JSON.parse(argument ?? '{}') as GivenOptions;
  const timeScale = Number(env['FERRY_TIME_SCALE'] ?? given.timeScale ?? 1);
  if (!(timeScale > 0)) throw new RangeError('FERRY_TIME_SCALE must be a positive number');
  const corpusDir = given.corpusDir ?? given.estate?.corpusDir ?? null;
  return {
    estate: { ...DEFAULT_ESTATE, ...given.estate, corpusDir },
    faults: given.faults ?? 'none',
    limitsOff: given.limitsOff ?? false,
    ports: { microsoft: 0, google: 0, ...given.ports },
    tls: given.tls ? readPems(given.tls) : null,
    recordFile: given.recordFile ?? null,
    stateDir: given.stateDir ?? null,
    followParent: given.followParent ?? false,
    latencyMs: given.latencyMs ?? 0,
    timeScale,
    quotaProfile: given.quotaProfile ?? '2026',
  };
}

function readPems(files: { keyFile: string; certFile: string }): { key: string; cert: string } {
  return { key: readFileSync(files.keyFile, 'utf8'), cert: readFileSync(files.certFile, 'utf8') };
}
