import * as breach from '../../../mappings/recurrence.ts';
export const used = breach;
