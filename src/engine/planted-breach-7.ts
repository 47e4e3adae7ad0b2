import * as breach from '../ledger/ledger.ts';
export const used = breach;
