import * as breach from '../../mappings/users.ts';
export const used = breach;
