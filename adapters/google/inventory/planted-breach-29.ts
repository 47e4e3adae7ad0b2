import * as breach from '../calendar.ts';
export const used = breach;
