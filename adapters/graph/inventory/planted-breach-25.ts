import * as breach from '../directory.ts';
export const used = breach;
