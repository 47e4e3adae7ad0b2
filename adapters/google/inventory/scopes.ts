import type { GoogleScopes } from '../scopes.ts';

const AUTH = 'https://www.googleapis.com/auth';

/** What the checker needs: nothing that writes. */
export const CHECK_SCOPES: GoogleScopes = {
  directory: [
    `${AUTH}/admin.directory.user.readonly`,
    `${AUTH}/admin.directory.group.readonly`,
    `${AUTH}/admin.directory.group.member.readonly`,
    `${AUTH}/admin.directory.resource.calendar.readonly`,
    `${AUTH}/admin.directory.domain.readonly`,
  ],
  mail: [`${AUTH}/gmail.readonly`],
  calendar: [`${AUTH}/calendar.readonly`],
};
