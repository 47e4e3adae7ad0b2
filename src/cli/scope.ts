import type { EstateFiles, Scope, Workspace } from '../config/workspace.ts';
import { jobsOf, principalsOf } from '../config/workspace.ts';
import { Config, type ConfigFault } from '../core/errors.ts';
import { type Job, type Principal, WORKLOADS, type WorkloadName } from '../core/types.ts';

export interface ScopeOptions {
  organisation?: readonly string[];
  wave?: readonly string[];
  only?: readonly string[];
  workload?: readonly WorkloadName[];
}

export interface Selection {
  scope: Scope;
  principals: readonly Principal[];
  jobs: readonly Job[];
}

/**
 * The jobs that the options select. A name that selects nothing is a mistake, not an empty scope. The directory of an
 * organisation is one job: `--only` leaves it out unless `--workload` asks for it by name.
 */
export function select(workspace: Workspace, files: EstateFiles, options: ScopeOptions): Selection {
  refuseUnknown(workspace, files, options);
  const scope: Scope = {
    ...(options.organisation ? { organisations: options.organisation } : {}),
    ...(options.wave ? { waves: options.wave } : {}),
    ...(options.only ? { only: options.only } : {}),
  };
  const narrowed = options.only !== undefined;
  const workloads =
    options.workload ?? (narrowed ? WORKLOADS.filter((name) => name !== 'directory') : WORKLOADS);
  const principals = principalsOf(workspace, files, scope);
  const jobs = jobsOf(workspace, principals, workloads, scope);
  if (jobs.length === 0 || (principals.length === 0 && (options.only ?? options.wave) !== undefined))
    throw new Config('the selection is empty: no included person in people.csv meets all of its options');
  return { scope, principals, jobs };
}

function refuseUnknown(workspace: Workspace, files: EstateFiles, options: ScopeOptions): void {
  const people = files.people.flatMap((row) => [row.source, row.target]);
  const included = files.people.filter((row) => row.include).flatMap((row) => [row.source, row.target]);
  const known: [string, readonly string[] | undefined, readonly string[], string][] = [
    [
      '--organisation',
      options.organisation,
      workspace.bodies.map(({ organisation }) => organisation.id),
      'ferry.yaml',
    ],
    ['--wave', options.wave, files.people.map((row) => row.wave), 'people.csv'],
    ['--only', options.only, people, 'people.csv'],
  ];
  const faults = known.flatMap(([option, given = [], allowed, file]): ConfigFault[] =>
    given
      .filter((name) => !allowed.includes(name))
      .map((name) => ({ file: option, line: 0, found: name, allowed: allowedWords(allowed, file) })),
  );
  for (const name of options.only ?? []) {
    if (people.includes(name) && !included.includes(name))
      faults.push({
        file: '--only',
        line: 0,
        found: name,
        allowed: 'somebody with include = yes in people.csv',
      });
  }
  if (faults.length > 0) throw new Config('the selection names what is not there', faults);
}

function allowedWords(allowed: readonly string[], file: string): string {
  const words = [...new Set(allowed)].filter((word) => word !== '');
  return words.length <= 8 ? words.join(', ') : `one of the ${words.length} in ${file}`;
}
