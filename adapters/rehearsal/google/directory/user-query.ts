import { childOf, type Json, objectsOf, textOf } from '../json.ts';
import { badRequest } from '../refusal.ts';

/**
 * Does a user meet the `query` of users.list? Clauses `field=value`, `field:value`, `field:prefix*` must all hold.
 * Source: developers.google.com/workspace/admin/directory/v1/guides/search-users.
 */
export function matchesQuery(user: Json, query: string): boolean {
  const clauses = query.match(/[\w.]+[:=](?:'[^']*'|"[^"]*"|\S+)/g) ?? [];
  if (query.trim() !== '' && clauses.length === 0) throw badRequest('Invalid Input: query');
  return clauses.every((clause) => meets(user, clause));
}

function meets(user: Json, clause: string): boolean {
  const [, field = '', sign, quoted = ''] = /^([\w.]+)([:=])(.*)$/.exec(clause) ?? [];
  const wanted = quoted.replace(/^['"]|['"]$/g, '').toLowerCase();
  const values = valuesOf(user, field).map((value) => value.toLowerCase());
  if (wanted.endsWith('*')) return values.some((value) => value.startsWith(wanted.slice(0, -1)));
  return values.some((value) =>
    sign === '=' ? value === wanted : value === wanted || value.split(/\W/).includes(wanted),
  );
}

function valuesOf(user: Json, field: string): string[] {
  const name = childOf(user['name']);
  const organizations = objectsOf(user['organizations']);
  switch (field) {
    case 'email':
      return objectsOf(user['emails']).map((one) => textOf(one['address']));
    case 'name':
      return [textOf(name['fullName'])];
    case 'givenName':
    case 'familyName':
      return [textOf(name[field])];
    case 'orgUnitPath':
      return [textOf(user['orgUnitPath'])];
    case 'externalId':
      return objectsOf(user['externalIds']).map((one) => textOf(one['value']));
    case 'isSuspended':
      return [String(user['suspended'] === true)];
    case 'isAdmin':
      return [String(user['isAdmin'] === true)];
    case 'orgTitle':
      return organizations.map((one) => textOf(one['title']));
    case 'orgDepartment':
      return organizations.map((one) => textOf(one['department']));
    default:
      throw badRequest('Invalid Input: query');
  }
}
