import type { AnyOperation } from './contract.ts';
import { ownOperations } from './own-operations.ts';
import { stockOperations } from './stock-operations.ts';

/**
 * Every operation of the core, by the name stock gives its route (which is also its label in the metrics), in stock's
 * order, which decides between 404 and 405 for what is not routed; then ours.
 */
export const operations = { ...stockOperations, ...ownOperations } as const satisfies Record<string, AnyOperation>;
