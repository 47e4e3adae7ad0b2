import * as breach from '../../src/engine/pass.ts';
export const used = breach;
