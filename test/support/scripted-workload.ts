import type { Copy, ListedItem, MapContext, Source, Target, Workload } from '../../src/core/ports.ts';
import type { Job, Mapped, Page, Receipt, SourceItem, WorkloadName } from '../../src/core/types.ts';
import { page } from './jobs.ts';

/** A workload without identities whose ends do what a test says; what is called is kept in order. */
export class ScriptedWorkload implements Workload<unknown, string> {
  readonly name: WorkloadName;
  readonly containerRank = 0;
  readonly groups = false;
  readonly source: Source<unknown>;
  readonly target: Target<string>;
  readonly calls: string[] = [];
  items: SourceItem[] = [];
  derive?: (job: Job, items: readonly SourceItem[]) => readonly SourceItem[];
  onPages: (job: Job) => Promise<void> = async () => {};
  onGet: (key: string) => Promise<unknown> = async (key) => key;
  onPut: (key: string, prior: Receipt | null, signal: AbortSignal) => Promise<Receipt> = async (key) => ({
    targetId: `at-${key}`,
    wrote: null,
  });
  onFind: (key: string) => Promise<Receipt | null> = async () => null;
  onMap: (copy: Copy<unknown>, context: MapContext<unknown>) => Mapped<string> = ({ item }) => ({
    kind: 'value',
    value: item.key,
    losses: [],
  });
  needs: (item: ListedItem, prior: Receipt | null) => boolean = () => false;
  visibleMs = 0;

  constructor(name: WorkloadName = 'calendar') {
    this.name = name;
    this.source = {
      pages: (job) => this.#pages(job),
      get: (_job, item) => {
        this.calls.push(`get ${item.key}`);
        return this.onGet(item.key);
      },
    };
    this.target = {
      put: (_job, key, _value, prior, signal) => {
        this.calls.push(`put ${key}`);
        return this.onPut(key, prior, signal);
      },
      find: (_job, key) => {
        this.calls.push(`find ${key}`);
        return this.onFind(key);
      },
      visibleAfterMs: () => this.visibleMs,
    };
  }

  prepare(): unknown {
    return null;
  }

  needsResource(item: ListedItem, prior: Receipt | null): boolean {
    return this.needs(item, prior);
  }

  map(copies: readonly [Copy<unknown>, ...Copy<unknown>[]], context: MapContext<unknown>): Mapped<string> {
    return this.onMap(copies[0], context);
  }

  async *#pages(job: Job): AsyncIterable<Page> {
    await this.onPages(job);
    yield page(this.items, { stream: 'all', mode: 'full', first: true });
  }
}
