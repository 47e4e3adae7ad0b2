const AUTH = 'https://www.googleapis.com/auth';

/** The scopes that tokens are asked for, by the kind of call they serve. */
export interface GoogleScopes {
  directory: readonly string[];
  mail: readonly string[];
  calendar: readonly string[];
}

/** What the mover needs, per the discovery documents; each must be granted in domain-wide delegation. */
export const WRITE_SCOPES: GoogleScopes = {
  directory: [
    `${AUTH}/admin.directory.user`,
    `${AUTH}/admin.directory.user.alias`,
    `${AUTH}/admin.directory.group`,
    `${AUTH}/admin.directory.group.member`,
    `${AUTH}/admin.directory.orgunit`,
    `${AUTH}/admin.directory.resource.calendar`,
    `${AUTH}/admin.directory.domain.readonly`,
    `${AUTH}/apps.groups.settings`,
  ],
  mail: [`${AUTH}/gmail.insert`, `${AUTH}/gmail.labels`, `${AUTH}/gmail.modify`, `${AUTH}/gmail.readonly`],
  calendar: [`${AUTH}/calendar`],
};

/** Which of the sets a method's token carries. */
export function scopesFor(method: string, scopes: GoogleScopes): readonly string[] {
  if (method.startsWith('gmail.')) return scopes.mail;
  if (method.startsWith('calendar.')) return scopes.calendar;
  return scopes.directory;
}

/** Every scope once. */
export function allScopes(scopes: GoogleScopes): string[] {
  return [...new Set([...scopes.directory, ...scopes.mail, ...scopes.calendar])];
}
