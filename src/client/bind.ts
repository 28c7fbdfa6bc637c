import { Problem } from '../engine/problem.ts';
import type { AnyOperation, Calls } from './contract.ts';

/** A call with its types forgotten; the operation's codecs and path stand for them. */
export interface UntypedCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
  readonly progress?: (step: string) => void;
}

/**
 * One function for each operation of a table. `perform` must answer what that operation's response codec reads: it is
 * the one place where the table's types are taken at their word.
 */
export const bindCalls = <T extends Readonly<Record<string, AnyOperation>>>(
  table: T,
  perform: (name: string & keyof T, call: UntypedCall) => Promise<unknown>,
): Calls<T> => {
  const isName = (name: string): name is string & keyof T => name in table;
  const names = Object.keys(table).filter(isName);
  const isBound = (calls: object): calls is Calls<T> => names.every((name) => name in calls);
  const calls: object = Object.fromEntries(names.map((name) => [name, (call: UntypedCall) => perform(name, call)]));
  if (!isBound(calls)) throw new Problem('contract.unbound', 'bug', 'an operation of the contract is not bound');
  return calls;
};
