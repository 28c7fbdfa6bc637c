import type { GlobalOptions } from './command.ts';

/** A variable of the environment; one that is set to nothing counts as not set. */
export const variableOf = ({ environment }: Pick<GlobalOptions, 'environment'>, name: string): string | undefined =>
  environment[name] || undefined;
