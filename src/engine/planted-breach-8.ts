import * as breach from '../../adapters/google/mail.ts';
export const used = breach;
