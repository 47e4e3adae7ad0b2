import { NotFound } from '../../src/core/errors.ts';
import type { Cursors, ListedItem, Source } from '../../src/core/ports.ts';
import type { Job, Page, SourceItem } from '../../src/core/types.ts';

/** One copy of a message in a folder. */
export interface Mail {
  key: string;
  folder: string;
  identity: string | null;
  body: string;
  read: boolean;
  changeKey: number;
  order: number;
}

export interface MailBody {
  body: string;
}

type Change = { kind: 'listed' | 'removed'; key: string };

/** A mailbox of a few folders with one change log each, listed like a delta of pages. */
export class MailEstate implements Source<MailBody> {
  readonly mails = new Map<string, Mail>();
  readonly folders: readonly string[];
  readonly #logs = new Map<string, Change[]>();
  gets = 0;
  itemsAPage = 5;
  /** Runs before each answer; throws what the test wants the engine to meet. */
  beforeGet: (key: string) => Promise<void> = async () => {};
  beforePage: () => Promise<void> = async () => {};

  constructor(folders: readonly string[]) {
    this.folders = folders;
    for (const folder of folders) this.#logs.set(folder, []);
  }

  add(mail: Partial<Mail> & { key: string }): Mail {
    const blank = { folder: 'inbox', identity: null, body: mail.key, read: false, changeKey: 1, order: 0 };
    const made = { ...blank, ...mail };
    this.mails.set(made.key, made);
    this.#log(made.folder, 'listed', made.key);
    return made;
  }

  change(key: string, facts: Partial<Pick<Mail, 'folder' | 'read' | 'body'>>): void {
    const mail = this.mails.get(key)!;
    const { folder } = mail;
    Object.assign(mail, facts, { changeKey: mail.changeKey + 1 });
    if (mail.folder !== folder) this.#log(folder, 'removed', key);
    this.#log(mail.folder, 'listed', key);
  }

  remove(key: string): void {
    const mail = this.mails.get(key)!;
    this.mails.delete(key);
    this.#log(mail.folder, 'removed', key);
  }

  async *pages(_job: Job, from: Cursors): AsyncIterable<Page> {
    await this.beforePage();
    yield this.#folderPage();
    for (const folder of this.folders) {
      const stream = `folder:${folder}`;
      let position = Number(from.get(stream) ?? 0);
      const log = this.#logs.get(folder)!;
      while (position < log.length) {
        await this.beforePage();
        const next = Math.min(position + this.itemsAPage, log.length);
        yield this.#deltaPage(stream, folder, log.slice(position, next), next, next === log.length);
        position = next;
      }
    }
  }

  async get(_job: Job, { key }: ListedItem): Promise<MailBody> {
    this.gets += 1;
    await this.beforeGet(key);
    const mail = this.mails.get(key);
    if (mail === undefined) throw new NotFound({ code: 'itemNotFound', message: 'gone' });
    return { body: mail.body };
  }

  #log(folder: string, kind: Change['kind'], key: string): void {
    this.#logs.get(folder)!.push({ kind, key });
  }

  #folderPage(): Page {
    const items = this.folders.map((folder) => ({
      ...BLANK,
      key: `folder:${folder}`,
      version: folder,
      rank: 0,
      state: { kind: 'folder', name: folder },
    }));
    return { stream: 'folders', items, removed: [], cursor: '', mode: 'full', first: true, last: true };
  }

  #deltaPage(stream: string, folder: string, changes: Change[], next: number, last: boolean): Page {
    const items: SourceItem[] = [];
    const removed: { key: string; container: string }[] = [];
    for (const key of new Set(changes.map((change) => change.key))) {
      const mail = this.mails.get(key);
      if (mail?.folder === folder) items.push(toItem(mail));
      else removed.push({ key, container: folder });
    }
    return { stream, items, removed, cursor: String(next), mode: 'delta', first: false, last };
  }
}

const BLANK: SourceItem = {
  key: '',
  version: '',
  container: '',
  identity: null,
  rank: 100,
  after: null,
  order: 0,
  state: {},
  inline: null,
  bytes: null,
};

function toItem({ key, folder, identity, read, changeKey, order }: Mail): SourceItem {
  return {
    ...BLANK,
    key,
    version: `${changeKey}/${folder}`,
    container: folder,
    identity,
    after: `folder:${folder}`,
    order,
    state: { kind: 'message', folder, read },
    bytes: 10,
  };
}
