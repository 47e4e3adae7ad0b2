/** Application permissions that show mail without bodies, attachments and MIME (Graph, permissions reference). */
export const MAIL_ROLES: readonly string[] = [
  'Mail.Read',
  'Mail.ReadWrite',
  'Mail.ReadBasic',
  'Mail.ReadBasic.All',
];

/** Application permissions that show everything of a message. */
export const MAIL_CONTENT_ROLES: readonly string[] = ['Mail.Read', 'Mail.ReadWrite'];
