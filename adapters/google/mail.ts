import { NotFound, Rejected } from '../../src/core/errors.ts';
import type { LabelValue, LabelWrote, MailValue, MessageValue } from '../../src/core/google.ts';
import type { Target } from '../../src/core/ports.ts';
import type { Job, Loss, Receipt } from '../../src/core/types.ts';
import type { GoogleConnection } from './client.ts';
import { createLabels, type Labels } from './mail-labels.ts';
import { createMessages, type Messages } from './mail-messages.ts';

/**
 * Writes labels and messages of one mailbox. Messages keep their bytes; labels say where they lay. Receipts hold
 * `LabelWrote` and `MessageWrote`. `Rejected` with code `deleted-at-target` means that somebody has removed at Google
 * what an earlier receipt names.
 */
export function createMailTarget(google: GoogleConnection): Target<MailValue> {
  const labels = createLabels(google);
  const messages = createMessages(google, labels);
  return {
    put: (job, _key, value, prior, signal) =>
      value.kind === 'label'
        ? putLabel(labels, job, value, prior, signal)
        : putMessage(messages, job, value, prior, signal),
    find: (job, _key, value, settled, signal) =>
      value.kind === 'label'
        ? findLabel(labels, job, value, signal)
        : messages.find(job.principal.target, value, settled, signal),
    visibleAfterMs: (value) => {
      if (value.kind === 'label') return google.visibleAfterMs('gmail.labels.create');
      if (value.mime === null) return google.visibleAfterMs('gmail.messages.modify');
      return google.visibleAfterMs(METHODS[value.method]);
    },
  };
}

const METHODS = {
  import: 'gmail.messages.import',
  insert: 'gmail.messages.insert',
  draft: 'gmail.drafts.create',
} as const;

function putMessage(
  messages: Messages,
  job: Job,
  value: MessageValue,
  prior: Receipt | null,
  signal: AbortSignal,
): Promise<Receipt> {
  const mailbox = job.principal.target;
  return prior === null
    ? messages.create(mailbox, value, signal)
    : messages.update(mailbox, value, prior, signal);
}

async function putLabel(
  labels: Labels,
  job: Job,
  value: LabelValue,
  prior: Receipt | null,
  signal: AbortSignal,
): Promise<Receipt> {
  // A system label is there in every mailbox.
  if (value.name === null) return { ...labelReceipt(value, null, []), untouched: true };
  const mailbox = job.principal.target;
  const before = prior === null ? null : readLabelWrote(prior);
  if (before?.id != null) {
    const kept = await keepLabel(labels, mailbox, { ...before, id: before.id }, value.name, signal);
    if (kept) return labelReceipt(value, kept.label, kept.losses);
  }
  const { label, losses } = await labels.ensure(mailbox, value.name, value.color, signal);
  return labelReceipt(value, label, losses);
}

/** Goes on with the label of an earlier receipt under its new name; null when it is gone. */
async function keepLabel(
  labels: Labels,
  mailbox: string,
  before: { id: string; name: string | null },
  name: string,
  signal: AbortSignal,
): Promise<{ label: { id: string; name: string }; losses: Loss[] } | null> {
  if (before.name === name) return { label: { id: before.id, name }, losses: [] };
  try {
    const renamed = await labels.rename(mailbox, before.id, name, signal);
    if (renamed) return { label: renamed, losses: [] };
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
  const losses: Loss[] = [{ field: 'label', kind: 'changed', reason: 'label-not-renamed' }];
  return { label: { id: before.id, name: before.name ?? name }, losses };
}

async function findLabel(
  labels: Labels,
  job: Job,
  value: LabelValue,
  signal: AbortSignal,
): Promise<Receipt | null> {
  if (value.name === null) return labelReceipt(value, null, []);
  const label = await labels.find(job.principal.target, value.name, signal);
  return label && labelReceipt(value, label, []);
}

function labelReceipt(
  value: LabelValue,
  label: { id: string; name: string } | null,
  losses: readonly Loss[],
): Receipt {
  const wrote = { name: label?.name ?? null, id: label?.id ?? null, system: [...value.system] };
  return { targetId: wrote.id ?? '', wrote, losses };
}

function readLabelWrote(receipt: Receipt): Pick<LabelWrote, 'id' | 'name'> {
  const wrote = receipt.wrote as Partial<LabelWrote> | null;
  if (typeof wrote !== 'object')
    throw new Rejected({ code: 'receipt-unreadable', message: 'a label receipt is unreadable' });
  return { id: wrote?.id ?? null, name: wrote?.name ?? null };
}
