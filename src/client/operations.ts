import type { AnyOperation } from './contract.ts';

/** Every operation of the core, by name. */
export const operations = {} as const satisfies Record<string, AnyOperation>;
