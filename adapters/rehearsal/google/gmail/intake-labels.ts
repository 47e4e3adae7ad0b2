import { createHash } from 'node:crypto';

const PLACES = ['INBOX', 'SPAM', 'TRASH'];

/**
 * Labels of a message after a second import of it: the union; a copy in Trash or Spam comes out of it, and nothing
 * that lies elsewhere goes in.
 */
export function mergeLabels(present: readonly string[], arriving: readonly string[]): string[] {
  const isAway = present.includes('TRASH') || present.includes('SPAM');
  const arrivesAway = arriving.includes('TRASH') || arriving.includes('SPAM');
  if (isAway && arrivesAway) {
    return [...new Set([...present, ...arriving.filter((label) => !PLACES.includes(label))])];
  }
  const union = [...new Set([...present, ...arriving])];
  return union.filter((label) => label !== 'TRASH' && label !== 'SPAM');
}

/**
 * What Gmail's classifiers add on import, decided by the Message-ID alone so that a seed is not needed: IMPORTANT and
 * categories now and then, and SPAM for one in 25 unless `neverMarkSpam` is set.
 */
export function classify(labels: readonly string[], messageId: string, neverMarkSpam: boolean): string[] {
  const digest = createHash('sha256').update(messageId).digest();
  const isInbox = labels.includes('INBOX');
  const isOwn = labels.includes('SENT') || labels.includes('DRAFT') || labels.includes('TRASH');
  if (!neverMarkSpam && !isOwn && (digest[0] ?? 0) % 25 === 0) {
    return [...labels.filter((label) => label !== 'INBOX' && label !== 'SPAM'), 'SPAM'];
  }
  const added: string[] = [];
  if (isInbox && (digest[1] ?? 0) % 10 === 0) added.push('IMPORTANT');
  if (isInbox && (digest[2] ?? 0) % 5 === 0) added.push('CATEGORY_UPDATES');
  return [...new Set([...labels, ...added])];
}
