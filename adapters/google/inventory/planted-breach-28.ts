import * as breach from '../upload.ts';
export const used = breach;
