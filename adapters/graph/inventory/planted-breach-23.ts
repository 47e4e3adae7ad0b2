import * as breach from '../mail.ts';
export const used = breach;
