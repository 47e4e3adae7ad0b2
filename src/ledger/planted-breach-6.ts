import * as breach from '../transport/transport.ts';
export const used = breach;
