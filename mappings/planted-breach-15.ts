import * as breach from '../src/ledger/ledger.ts';
export const used = breach;
