import { Problem } from '../../engine/problem.ts';
import { defineCommand, type CommandContext, type ObjectKind } from '../../cli/command.ts';
import type { AnyCore } from './collection.ts';
import { explain } from './explain.ts';
import { dryRunFlag } from './flags.ts';

/** What differs between the commands that delete things by name. */
export interface Deletion {
  readonly summary: string;
  readonly examples: readonly string[];
  /** For messages: `storage class`, `storage classes`. */
  readonly one: string;
  readonly many: string;
  readonly names: ObjectKind;
  list(core: AnyCore, signal: AbortSignal): Promise<readonly string[]>;
  remove(core: AnyCore, name: string, context: CommandContext): Promise<Removed>;
}

interface Removed {
  /** Why it may be there still. */
  readonly warnings?: readonly string[] | undefined;
}

/**
 * Deletes everything that is listed. What others still depend on, as a volume its clones do, is tried again when those
 * are gone, and may have gone with them; the first failure that stays is the result.
 */
const deleteAll = async (
  list: () => Promise<readonly string[]>,
  remove: (name: string) => Promise<unknown>,
): Promise<void> => {
  const missed = new Map<string, Problem>();
  let left = await list();
  while (left.length > 0) {
    const held: { readonly name: string; readonly problem: Problem }[] = [];
    for (const name of left)
      try {
        await remove(name);
      } catch (problem) {
        if (!Problem.is(problem)) throw problem;
        if (problem.kind === 'notFound') missed.set(name, problem);
        else if (problem.kind === 'conflict') held.push({ name, problem });
        else throw problem;
      }
    const [first] = held;
    if (first !== undefined && held.length === left.length) throw first.problem;
    left = held.map(({ name }) => name);
  }
  if (missed.size === 0) return;
  // What the array did not find may be on record still.
  for (const name of await list()) {
    const problem = missed.get(name);
    if (problem !== undefined) throw problem;
  }
};

/** A command that deletes the named things, or all; without names and without `--all` it deletes nothing. */
export const deletionCommand = (deletion: Deletion) =>
  defineCommand({
    summary: deletion.summary,
    examples: deletion.examples,
    args: {
      names: { kind: 'many', name: 'name', summary: `which ${deletion.many}`, optional: true, names: deletion.names },
    },
    flags: { all: { kind: 'boolean', summary: `all ${deletion.many}` }, ...dryRunFlag },
    async run({ args, flags }, context) {
      if (flags.all && args.names.length > 0)
        throw new Problem(
          'cli.allAndNames',
          'usage',
          `cannot use --all switch and specify individual ${deletion.many}`,
        );
      if (!flags.all && args.names.length === 0)
        throw new Problem('cli.noName', 'usage', `${deletion.one} name not specified`);
      const core = await context.core();
      const remove = async (name: string) => {
        const what = `could not delete ${deletion.one} ${name}`;
        const { warnings = [] } = await explain(what, () => deletion.remove(core, name, context));
        for (const warning of warnings) context.terminal.err(`note: ${warning}\n`);
      };
      if (flags.all)
        await deleteAll(
          () => explain(`could not get ${deletion.many}`, () => deletion.list(core, context.signal)),
          remove,
        );
      else for (const name of args.names) await remove(name);
    },
  });
