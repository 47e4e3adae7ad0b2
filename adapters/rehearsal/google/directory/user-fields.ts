import { childOf, isJson, type Json, textOf } from '../json.ts';
import { invalidInput, refuse } from '../refusal.ts';
import { type Directory, isOwnDomain } from './directory.ts';

/** Largest size of list members, bytes of their JSON (discovery document, schema `User`). */
const LIST_LIMITS: Readonly<Record<string, number>> = {
  emails: 10_240,
  addresses: 10_240,
  organizations: 10_240,
  phones: 1_024,
  relations: 2_048,
  externalIds: 2_048,
  languages: 1_024,
  keywords: 1_024,
  locations: 10_240,
  websites: 2_048,
  ims: 10_240,
};

/** Values of `type` in list members (Directory reference, schema `User`); `custom` needs a `customType`. */
const LIST_TYPES: Readonly<Record<string, readonly string[]>> = {
  emails: ['custom', 'home', 'other', 'work'],
  addresses: ['custom', 'home', 'other', 'work'],
  organizations: ['custom', 'domain_only', 'school', 'unknown', 'work'],
  externalIds: ['account', 'custom', 'customer', 'login_id', 'network', 'organization'],
  locations: ['custom', 'default', 'desk'],
  phones: (
    'assistant callback car company_main custom grand_central home home_fax isdn main mobile other other_fax pager ' +
    'radio telex tty_tdd work work_fax work_mobile work_pager'
  ).split(' '),
  relations: (
    'admin_assistant assistant brother child custom domestic_partner dotted_line_manager exec_assistant father ' +
    'friend manager mother parent partner referred_by relative sister spouse'
  ).split(' '),
};

/** Local part: letters, digits, `- _ ' .`, at most 64, no leading, trailing or double dot. */
const LOCAL_PART = /^(?!\.)(?!.*\.\.)(?!.*\.$)[a-z0-9\-_'.]{1,64}$/i;
const RESERVED_LOCALS = ['abuse', 'postmaster'];

/** Throws 400 where the local part cannot be one, 404 where the domain is not the tenant's. */
export function checkAddress(directory: Directory, address: string, field: string): void {
  const [local = '', domain, ...rest] = address.split('@');
  if (!domain || rest.length > 0 || !LOCAL_PART.test(local)) throw invalidInput(field);
  if (RESERVED_LOCALS.includes(local.toLowerCase())) throw invalidInput(field);
  if (!isOwnDomain(directory, address)) throw refuse(404, 'notFound', 'Domain not found.');
}

/** Checks the members that a new or changed user brings; absent ones are not looked at. */
export function checkUserFields(directory: Directory, body: Json): void {
  checkName(body);
  const orgUnitPath = body['orgUnitPath'];
  if (typeof orgUnitPath === 'string' && !directory.orgUnits.has(orgUnitPath))
    throw invalidInput('INVALID_OU_ID');
  for (const [name, limit] of Object.entries(LIST_LIMITS)) checkList(name, body[name], limit);
  if (body['password'] !== undefined || body['hashFunction'] !== undefined) checkPassword(body);
}

function checkName(body: Json): void {
  if (body['name'] === undefined) return;
  const name = childOf(body['name']);
  for (const [field, label] of [
    ['givenName', 'GivenName'],
    ['familyName', 'FamilyName'],
  ] as const) {
    const value = name[field];
    if (value !== undefined && (textOf(value).length === 0 || textOf(value).length > 60)) {
      throw refuse(400, 'invalid', `Invalid Given/Family Name: ${label}`);
    }
  }
  if (textOf(name['displayName']).length > 256) throw invalidInput('name.displayName');
}

function checkList(name: string, value: unknown, limit: number): void {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value)) throw invalidInput(name);
  if (Buffer.byteLength(JSON.stringify(value)) > limit) throw invalidInput(name);
  for (const one of value) {
    if (!isJson(one)) throw invalidInput(name);
    const type = one['type'];
    if (type === undefined) continue;
    if (LIST_TYPES[name] && !LIST_TYPES[name].includes(textOf(type))) throw invalidInput(`${name}.type`);
    if (type === 'custom' && !one['customType']) throw invalidInput(`${name}.customType`);
  }
}

const HASHES: Readonly<Record<string, RegExp>> = {
  MD5: /^[0-9a-f]{32}$/i,
  'SHA-1': /^[0-9a-f]{40}$/i,
  crypt: /^(\$[156]\$.+|[./0-9A-Za-z]{13})$/,
};

function checkPassword(body: Json): void {
  const password = textOf(body['password']);
  const hashFunction = body['hashFunction'];
  const isFit =
    hashFunction === undefined
      ? password.length >= 8 && password.length <= 100
      : (HASHES[textOf(hashFunction)]?.test(password) ?? false);
  if (!isFit) throw refuse(400, 'invalid', 'Invalid Password');
}
