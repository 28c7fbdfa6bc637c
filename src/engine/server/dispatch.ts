import { operations } from '../../client/operations.ts';
import { problemToWire } from '../../client/wire/problem.ts';
import { escapeAsGo } from '../go-json.ts';
import { messageOf, Problem } from '../problem.ts';
import { FailedAnswer, type Handlers, type HandlersFor, type Operations } from './handler.ts';
import { statusOf } from './status.ts';

/** What is sent back for a call. */
export interface Answer {
  readonly status: number;
  readonly json: string;
  /** What went wrong, for the log. */
  readonly problem?: Problem;
}

export interface UntypedCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: () => unknown;
  readonly signal: AbortSignal;
  readonly progress?: (step: string) => void;
  readonly dryRun?: true;
}

/** Calls a handler by name. The table pairs each handler with the codec whose values it takes. */
export const callHandler = <Name extends keyof Operations>(
  handlers: HandlersFor<Name>,
  name: Name,
  call: UntypedCall,
): Promise<unknown> => {
  // The request was read by this operation's own codec, and the parameters are those of its own path.
  const handler = handlers[name] as (call: UntypedCall) => Promise<unknown>;
  return handler(call);
};

/** Answers that stock sends with other empty values than a list's or an object's own. */
const emptied: Partial<Record<keyof Operations, Readonly<Record<string, unknown>>>> = {
  listVolumePublications: { volumePublications: null },
  listVolumePublicationsForVolume: { volumePublications: null },
  listVolumePublicationsForNode: { volumePublications: null },
  listGroupSnapshots: { groupSnapshots: [] },
};

const asProblem = (error: unknown): Problem =>
  Problem.is(error) ? error : new Problem('internal', 'bug', `internal error: ${messageOf(error)}`, { cause: error });

/** An error answer: the payload's empty values, stock's `error`, and our `problem`. */
const failure = (name: keyof Operations, problem: Problem): Answer => {
  const empty: unknown = operations[name].response.parse({});
  const body = {
    ...(typeof empty === 'object' ? empty : {}),
    ...emptied[name],
    ...(problem instanceof FailedAnswer ? problem.payload : {}),
    error: problem.message,
    problem: problemToWire(problem),
  };
  return { status: statusOf(problem, operations[name].family), json: escapeAsGo(JSON.stringify(body)), problem };
};

/** Runs a call and puts its outcome in the form of the wire. Never rejects. */
export const dispatch = async (handlers: Handlers, name: keyof Operations, call: UntypedCall): Promise<Answer> => {
  try {
    const value = await callHandler(handlers, name, call);
    return { status: operations[name].success, json: escapeAsGo(JSON.stringify(value)) };
  } catch (error) {
    return failure(name, asProblem(error));
  }
};
