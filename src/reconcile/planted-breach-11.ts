import * as breach from '../engine/pass.ts';
export const used = breach;
