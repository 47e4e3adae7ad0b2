import * as breach from '../../google/limits.ts';
export const used = breach;
