import type { FindingKind } from '../core/facts.ts';
import type { Principal, WorkloadName } from '../core/types.ts';
import { CATALOGUE, type FindingCode } from './catalogue.ts';
import type { CheckStore } from './check-store.ts';
import { type Fate, type Numbers, noNumbers } from './equation.ts';
import { digest } from './names.ts';

/** One unit of the source, or one thing found at the target. */
export interface Unit {
  /** Readable path or name of what it lies in. */
  container: string;
  /** Id of the container at its own end. */
  containerKey: string;
  /** Id at its own end. */
  item: string;
  /** What survives the move; empty where there is nothing. */
  identity: string;
}

export interface Difference {
  code: FindingCode;
  field?: string;
  sourceValue?: string;
  targetValue?: string;
  /** How many units it stands for; 1 unless whole containers are counted. */
  units?: number;
}

/** What every comparison of one principal's workload needs besides the two readers. */
export interface JobScope {
  principal: Principal;
  workload: WorkloadName;
  accepted: ReadonlySet<string>;
  /** False where values out of a mailbox are stored as hashes (any privacy but `full`). */
  showsContent: boolean;
}

const FATE_KINDS: Readonly<Record<Fate, string>> = {
  arrived: 'match',
  merged: 'merged',
  excluded: 'excluded',
  unsupported: 'unsupported',
  tooLarge: 'too-large',
  changedSince: 'changed-since',
  missing: 'missing',
};

/**
 * Keeps the books of one principal's workload: every unit gets exactly one fate, every difference a finding, and
 * the numbers are counted nowhere else.
 */
export class JobCheck {
  readonly job: number;
  readonly store: CheckStore;
  readonly numbers: Numbers = noNumbers();
  accepted = 0;
  open = 0;
  unreadable = false;
  readonly #scope: JobScope;

  constructor(store: CheckStore, scope: JobScope) {
    this.store = store;
    this.#scope = scope;
    const { organisation, source, target } = scope.principal;
    this.job = store.addJob({ organisation, source, target, workload: scope.workload });
  }

  get principal(): Principal {
    return this.#scope.principal;
  }

  /** Counts units that the source holds; their fates have to add up to them. */
  count(units: number): void {
    this.numbers.source += units;
  }

  /** The fate of one unit, or of `units` of a container where the depth tells no more. */
  settle(unit: Unit, fate: Exclude<Fate, 'missing'>, detail: SettleDetail = {}): void {
    const { rule = '', alterations = [], units = 1 } = detail;
    this.numbers[fate] += units;
    if (rule !== '') this.store.addExclusion(this.job, fate, rule, units);
    const kind = detail.differs ? 'differ' : FATE_KINDS[fate];
    this.#addItem(unit, kind, rule, alterations);
  }

  /** A unit that should have arrived and did not. */
  miss(unit: Unit, difference: Difference): void {
    this.numbers.missing += difference.units ?? 1;
    this.numbers.unexplained += difference.units ?? 1;
    this.#addItem(unit, 'missing', difference.code, []);
    this.#addFinding(unit, difference);
  }

  /** Something at the target that no unit of the source accounts for. */
  surplus(unit: Unit, difference: Difference): void {
    const kind = CATALOGUE[difference.code].kind;
    this.numbers[kind === 'duplicate' ? 'duplicate' : 'extra'] += difference.units ?? 1;
    this.#addItem(unit, kind, difference.code, []);
    this.#addFinding(unit, difference);
  }

  /** A unit that is there and not the same in one field. */
  differ(unit: Unit, difference: Difference): void {
    this.numbers.differ += difference.units ?? 1;
    this.#addFinding(unit, difference);
  }

  /** An end that could not be read. Whatever was counted before is withdrawn: half a balance is none. */
  failToRead(side: 'source' | 'target', code: string): void {
    for (const table of ['items', 'findings', 'exclusions'])
      this.store.run(`DELETE FROM ${table} WHERE job = ?`, this.job);
    Object.assign(this.numbers, noNumbers());
    this.accepted = 0;
    this.open = 0;
    this.unreadable = true;
    const unit = { container: '', containerKey: '', item: '', identity: '' };
    const field = side === 'source' ? 'sourceValue' : 'targetValue';
    this.#addFinding(unit, { code: `${side}-unreadable`, field: side, [field]: code });
  }

  #addItem(unit: Unit, kind: string, rule: string, alterations: readonly string[]): void {
    const { container, item, identity } = unit;
    this.store.addItem(this.job, {
      container,
      item,
      identity,
      kind,
      rule,
      alterations: alterations.join('; '),
    });
  }

  #addFinding(unit: Unit, difference: Difference): void {
    const { organisation, wave, source, target } = this.#scope.principal;
    const { kind, values } = CATALOGUE[difference.code];
    const units = difference.units ?? 1;
    const shown = (value = '') => (values === 'content' ? this.#reduced(value) : value);
    const draft = {
      ...unit,
      organisation,
      wave,
      source,
      target,
      workload: this.#scope.workload,
      kind: kind as FindingKind,
      code: difference.code,
      field: difference.field ?? '',
      sourceValue: shown(difference.sourceValue),
      targetValue: shown(difference.targetValue),
      units,
    };
    const id = this.store.addFinding(this.job, draft, this.#scope.accepted);
    if (kind === 'unreadable') return;
    if (this.#scope.accepted.has(id)) this.accepted += units;
    else this.open += units;
  }

  /** Values out of a mailbox never reach the file unless the policy shows them. */
  #reduced(value: string): string {
    return value === '' || this.#scope.showsContent ? value : `sha256:${digest(value).slice(0, 12)}`;
  }
}

export interface SettleDetail {
  rule?: string;
  alterations?: readonly string[];
  units?: number;
  /** True where a finding of kind `differ` stands beside the fate. */
  differs?: boolean;
}
