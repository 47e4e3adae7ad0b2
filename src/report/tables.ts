import { join } from 'node:path';
import type { WorkloadName } from '../core/types.ts';
import type { CheckResult } from '../reconcile/check-result.ts';
import { NUMBER_FIELDS, type Numbers } from '../reconcile/equation.ts';
import { writeCsvFile } from './csv-file.ts';
import { type Privacy, showAt } from './privacy.ts';

/** Columns of `findings.csv` (design §8). */
export const FINDING_COLUMNS = [
  'run',
  'rule_version',
  'finding_id',
  'organisation',
  'wave',
  'source',
  'target',
  'workload',
  'container',
  'item',
  'kind',
  'code',
  'field',
  'source_value',
  'target_value',
  'as_of',
] as const;

export const PEOPLE_COLUMNS = [
  'run',
  'rule_version',
  'organisation',
  'wave',
  'kind',
  'source',
  'target',
  'verdict',
  'workload',
  ...NUMBER_FIELDS.map((field) => (field === 'source' ? 'source_units' : snake(field))),
  'as_of',
];

export const CLAIM_COLUMNS = [
  'run',
  'rule_version',
  'finding_id',
  'organisation',
  'source',
  'target',
  'workload',
  'container',
  'item',
  'kind',
  'code',
  'field',
  'status',
  'reason',
  'explains',
] as const;

export const ITEM_COLUMNS = [
  'run',
  'rule_version',
  'organisation',
  'source',
  'target',
  'workload',
  'container',
  'item',
  'identity',
  'kind',
  'rule',
  'alterations',
] as const;

interface Place {
  outDir: string;
  privacy: Privacy;
}

/** Differences alone; what matches is in `items.csv`. */
export function writeFindings(result: CheckResult, { outDir, privacy }: Place): void {
  const asOf = isoTime(result.asOf);
  writeCsvFile(join(outDir, 'findings.csv'), FINDING_COLUMNS, result.store.findings(), (finding) => {
    const shown = showAt(privacy, finding);
    return [
      result.run,
      result.ruleVersion,
      finding.findingId,
      finding.organisation,
      finding.wave,
      finding.source,
      finding.target,
      finding.workload,
      shown.container,
      shown.item,
      finding.kind,
      finding.code,
      finding.field,
      shown.sourceValue,
      shown.targetValue,
      asOf,
    ];
  });
}

/** One row for each person and workload. */
export function writePeople(result: CheckResult, { outDir }: Place): void {
  const rows = result.principals.flatMap(({ principal, verdict, workloads }) =>
    (Object.entries(workloads) as [WorkloadName, Numbers][]).map(([workload, numbers]) => ({
      ...principal,
      verdict,
      workload,
      numbers,
    })),
  );
  const asOf = isoTime(result.asOf);
  writeCsvFile(join(outDir, 'people.csv'), PEOPLE_COLUMNS, rows, (row) => [
    result.run,
    result.ruleVersion,
    row.organisation,
    row.wave,
    row.kind,
    row.source,
    row.target,
    row.verdict,
    row.workload,
    ...NUMBER_FIELDS.map((field) => row.numbers[field]),
    asOf,
  ]);
}

/** What the mover says about findings; empty but for its header where no claims were laid beside them. */
export function writeClaims(result: CheckResult, { outDir, privacy }: Place): void {
  writeCsvFile(join(outDir, 'claims.csv'), CLAIM_COLUMNS, result.store.claims(), (row) => {
    const shown = showAt(privacy, row);
    return [
      result.run,
      result.ruleVersion,
      row.findingId,
      row.organisation,
      row.source,
      row.target,
      row.workload,
      shown.container,
      shown.item,
      row.kind,
      row.code,
      row.field,
      row.status,
      row.reason,
      row.explains ? 'yes' : 'no',
    ];
  });
}

/** Every item that the check looked at and what became of it. */
export function writeItems(result: CheckResult, { outDir, privacy }: Place): void {
  writeCsvFile(join(outDir, 'items.csv'), ITEM_COLUMNS, result.store.items(), (row) => {
    const shown = showAt(privacy, row);
    return [
      result.run,
      result.ruleVersion,
      row.organisation,
      row.source,
      row.target,
      row.workload,
      shown.container,
      shown.item,
      shown.identity,
      row.kind,
      row.rule,
      row.alterations,
    ];
  });
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function snake(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
