import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckResult } from '../reconcile/check-result.ts';
import { renderPage } from './page.ts';
import type { Privacy } from './privacy.ts';
import { type QuotaUse, type Summary, toSummary } from './summary.ts';
import { writeClaims, writeFindings, writeItems, writePeople } from './tables.ts';

export interface ReportOptions {
  outDir: string;
  /** How much of a mailbox the files may show; the check's own level unless named. */
  privacy?: Privacy;
  /** Units that the vendors charged for migration and check, by meter. */
  quota?: QuotaUse;
}

/**
 * Renders every file of a check from its store: `summary.json`, `people.csv`, `findings.csv`, `claims.csv`,
 * `items.csv` and `index.html`. All of them show the same numbers. May be called again (after claims or acceptances).
 */
export function writeReports(result: CheckResult, options: ReportOptions): Summary {
  const { outDir, quota = { gmailUnits: 0 } } = options;
  const privacy = options.privacy ?? result.privacy;
  const place = { outDir, privacy };
  mkdirSync(outDir, { recursive: true });
  const summary = toSummary(result, privacy, quota);
  writePeople(result, place);
  writeFindings(result, place);
  writeClaims(result, place);
  writeItems(result, place);
  writeWhole(join(outDir, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  writeWhole(join(outDir, 'index.html'), renderPage(result, { privacy, quota }));
  return summary;
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.partial`, text);
  renameSync(`${path}.partial`, path);
}
