import * as breach from '../adapters/graph/client.ts';
export const used = breach;
