import { operations } from '../../client/operations.ts';
import { fillPath } from '../../client/path.ts';
import { findPlannable, plannable } from '../../client/plannable.ts';
import { DryRun } from '../orchestrator/dry-run.ts';
import { Problem } from '../problem.ts';
import { callHandler } from './dispatch.ts';
import type { HandlersFor, Operations } from './handler.ts';
import { checkBody } from './request-body.ts';

type Others = HandlersFor<Exclude<keyof Operations, 'planOperation'>>;

/** Says what another operation would do: its own handler is called, and told to stop there. */
export const planHandlers = (others: Others): HandlersFor<'planOperation'> => ({
  planOperation: async (call) => {
    const name = findPlannable(call.params.operation);
    if (name === undefined)
      throw new Problem('plan.unknown', 'unsupported', `there are no plans of ${call.params.operation}`, {
        hint: `there are of ${plannable.join(', ')}`,
        nothingDone: true,
      });
    const { params = {}, body } = call.body();
    fillPath(operations[name].path, params);
    try {
      await callHandler(others, name, {
        params,
        query: {},
        body: () => checkBody(operations[name], body),
        signal: call.signal,
        dryRun: true,
        ...(call.progress === undefined ? {} : { progress: call.progress }),
      });
    } catch (error) {
      if (error instanceof DryRun) return { steps: error.steps };
      throw error;
    }
    // There was nothing to do, and that is done.
    return { steps: [] };
  },
});
