import * as breach from '../google/client.ts';
export const used = breach;
