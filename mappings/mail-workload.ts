import { Rejected } from '../src/core/errors.ts';
import type { LabelWrote, MailValue } from '../src/core/google.ts';
import type { GraphMailFolder, MailResource } from '../src/core/microsoft.ts';
import type { Copy, ListedItem, MapContext } from '../src/core/ports.ts';
import type { AddressBook, Job, Mapped, Receipt } from '../src/core/types.ts';
import { labelPlan } from './folders.ts';
import { MAX_LABELS } from './labels.ts';
import { mapFolder, mapMessage, type PreparedMail, wroteOf } from './messages.ts';

/**
 * The label plan of one mailbox and what else its messages need. `containers` are the folder rows; names that
 * earlier runs wrote are taken from their receipts. Throws `Rejected` with the scope of the job when the mailbox has
 * more folders than Gmail has labels.
 */
export function prepareMail(
  job: Job,
  containers: readonly ListedItem[],
  addresses: AddressBook,
  nowMs: number,
): PreparedMail {
  const { principal, organisation } = job;
  const folders = containers.map((item) => item.state as unknown as GraphMailFolder);
  const previous = new Map(
    containers.flatMap(({ state, receipt }): [string, string][] => {
      const name = (receipt?.wrote as unknown as LabelWrote | null | undefined)?.name;
      return name ? [[String(state.id), name]] : [];
    }),
  );
  const plan = labelPlan(folders, organisation.policy.mail, previous);
  const labels = [...plan.values()].filter(({ name, rule }) => name !== null && rule === null).length;
  if (labels > MAX_LABELS)
    throw new Rejected({
      code: 'too-many-folders',
      scope: 'job',
      message: `the mailbox needs ${labels} labels; Gmail allows ${MAX_LABELS}`,
    });
  return {
    plan,
    policy: organisation.policy.mail,
    ownerAddresses: ownAddresses(job, addresses),
    ownerAddress: principal.target,
    nowMs,
  };
}

/** The addresses of the job's principal at both ends, lower case. */
export function ownAddresses(job: Job, addresses: AddressBook): ReadonlySet<string> {
  const { source, target } = job.principal;
  return new Set([source, target, ...addresses.aliasesOf(target)].map((address) => address.toLowerCase()));
}

/** The mapping of a mail item: folder rows become labels, copies of messages one delivery. */
export function mapMail(
  copies: readonly [Copy<MailResource>, ...Copy<MailResource>[]],
  context: MapContext<PreparedMail>,
): Mapped<MailValue> {
  const isFolder = copies[0].item.state.kind === 'folder';
  return isFolder ? mapFolder(copies[0], context.prepared) : mapMessage(copies, context);
}

/** True when the MIME has to be read: the first write of a message, or any change of a draft. */
export function mailNeedsResource(item: ListedItem, prior: Receipt | null): boolean {
  if (item.state.kind === 'folder') return false;
  return prior === null || wroteOf(prior.wrote).draftId !== undefined;
}
