import { Problem } from '../../engine/problem.ts';
import type { Flags } from '../../cli/command.ts';

/** Of commands whose changes can be told beforehand. */
export const dryRunFlag = {
  'dry-run': { kind: 'boolean', summary: 'show what would be done, and do nothing' },
} as const satisfies Flags;

/** Refuses flags of a group that were given together, in the words of the stock program. */
export const refuseTogether = (group: readonly string[], given: ReadonlySet<string>): void => {
  const set = group.filter((name) => given.has(name)).sort();
  if (set.length < 2) return;
  throw new Problem(
    'cli.exclusiveFlags',
    'usage',
    `if any flags in the group [${group.join(' ')}] are set none of the others can be; [${set.join(' ')}] were all set`,
  );
};

/** The one name a command works on. @param what `backend`, `volume` */
export const oneName = (names: readonly string[], what: string): string => {
  const [name, ...others] = names;
  if (name === undefined) throw new Problem('cli.noName', 'usage', `${what} name not specified`);
  if (others.length > 0) throw new Problem('cli.manyNames', 'usage', `multiple ${what} names specified`);
  return name;
};
