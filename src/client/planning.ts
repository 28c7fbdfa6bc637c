import { Problem } from '../engine/problem.ts';
import { bindCalls, type UntypedCall } from './bind.ts';
import type { Core } from './contract.ts';
import { operations } from './operations.ts';
import { findPlannable } from './plannable.ts';

/** What would be done was asked for and is known: there is no answer to go on with. */
export class Planned extends Error {
  override readonly name = 'Planned';
}

/** A core of ours says more than its status. One that does not know the path has done nothing. */
const planProblem = (error: unknown): unknown =>
  Problem.is(error) && error.code === 'core.refused' && error.kind === 'notFound'
    ? new Problem('core.noPlans', 'unsupported', 'this core cannot say what it would do; nothing was done', {
        cause: error,
        hint: 'a dry run needs the engine of this program: --embedded, or `tridentctl serve` as the server',
        nothingDone: true,
      })
    : error;

/**
 * The same core for a dry run: it reads as ever, and of what would change something it only asks what that would be.
 * Such a call answers nothing where there is nothing to answer (`delete …`), and rejects with `Planned` otherwise.
 * @param note told the steps of each
 */
export const planningCore = (
  core: Core<typeof operations>,
  note: (steps: readonly string[]) => void,
): Core<typeof operations> => ({
  ...core,
  call: bindCalls(operations, async (name, call) => {
    const planned = findPlannable(name);
    if (planned === undefined) {
      // The call was made for this very operation.
      const own = core.call[name] as (call: UntypedCall) => Promise<unknown>;
      return own(call);
    }
    const { params, body, signal, progress } = call;
    try {
      const { steps } = await core.call.planOperation({
        params: { operation: planned },
        body: { params, ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }) },
        signal,
        ...(progress === undefined ? {} : { progress }),
      });
      note(steps);
    } catch (error) {
      throw planProblem(error);
    }
    const empty: unknown = operations[planned].response.parse({});
    if (typeof empty === 'object' && empty !== null && Object.keys(empty).length === 0) return empty;
    throw new Planned();
  }),
});
