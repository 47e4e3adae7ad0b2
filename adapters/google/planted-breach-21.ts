import * as breach from '../graph/client.ts';
export const used = breach;
