import { Planned, planningCore } from '../client/planning.ts';
import type { CommandContext } from './command.ts';
import { printItems } from './output.ts';
import { changeView } from './views/change.ts';

type AnyCore = Awaited<ReturnType<CommandContext['core']>>;

/** `--dry-run`: the command runs on a core that does nothing, and what it would have done is shown instead. */
export interface DryRunning {
  wrap(core: AnyCore): AnyCore;
  /** Runs the command, then shows its plan, also when it fails after a part of it. */
  run(command: (context: CommandContext) => Promise<void>, context: CommandContext): Promise<void>;
}

export const openDryRun = (): DryRunning => {
  const steps: string[] = [];
  let isPlan = false;
  return {
    wrap: (core) =>
      planningCore(core, (more) => {
        isPlan = true;
        steps.push(...more);
      }),
    async run(command, context) {
      try {
        await command(context);
      } catch (error) {
        if (!(error instanceof Planned)) throw error;
      } finally {
        if (isPlan)
          await printItems(
            steps.map((change) => ({ change, state: 'planned' }) as const),
            changeView,
            context,
          );
      }
    },
  };
};
