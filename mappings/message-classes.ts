/** What is done with one kind of item in a mail folder (mapping 3.6). */
export interface ClassRule {
  /** True when the item is moved as mail. */
  isMail: boolean;
  /** Label that its messages get beside those of their folder. */
  label: string | null;
}

const MAIL: ClassRule = { isMail: true, label: null };
const VOICE: ClassRule = { isMail: true, label: 'Voice messages' };
const OTHER: ClassRule = { isMail: false, label: null };

/** Prefixes of PidTagMessageClass, lower case; the first that fits decides. */
const RULES: readonly (readonly [string, ClassRule])[] = [
  ['ipm.note.microsoft.voicemail', VOICE],
  ['ipm.note.rpmsg.microsoft.voicemail', VOICE],
  ['ipm.note.rules.', OTHER],
  ['ipm.note', MAIL],
  ['ipm.schedule.meeting', MAIL],
  ['ipm.post', MAIL],
  ['ipm.sharing', MAIL],
  ['report.', MAIL],
  ['ipm.outlook.recall', OTHER],
  ['ipm.microsoft.', OTHER],
  ['ipm.configuration.', OTHER],
  ['ipm.appointment', OTHER],
  ['ipm.contact', OTHER],
  ['ipm.distlist', OTHER],
  ['ipm.task', OTHER],
  ['ipm.stickynote', OTHER],
  ['ipm.activity', OTHER],
];

/** The rule for a message class; one that is unknown or could not be read counts as mail. */
export function classRule(messageClass: string | null): ClassRule {
  const name = messageClass?.toLowerCase() ?? '';
  return RULES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? MAIL;
}
