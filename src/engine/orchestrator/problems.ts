import type { ProblemKind } from '../problem.ts';
import { detailsOf, messageOf, Problem } from '../problem.ts';

export const notFound = (code: string, message: string): Problem =>
  new Problem(code, 'notFound', message, { nothingDone: true });

/**
 * A problem with a sentence in front. Kind, hint, key path and the array's own words stay those of the cause, so that
 * statuses do not change by being told more (stock flattens them to text).
 */
export const wrapProblem = (code: string, message: (cause: string) => string, cause: unknown): Problem => {
  if (!Problem.is(cause)) return new Problem(code, 'bug', message(messageOf(cause)), { cause });
  return new Problem(code, cause.kind, message(cause.message), { ...detailsOf(cause), cause });
};

const uncertain: ReadonlySet<ProblemKind> = new Set(['unavailable', 'notReady', 'interrupted', 'bug']);

/** True when the array or the engine answered with a refusal; false when it is not known what became of the request. */
export const isRefusal = (error: unknown): boolean =>
  Problem.is(error) && (error.nothingDone || !uncertain.has(error.kind));

/** Which kind a bundle of refusals has: the one a caller can act on best. */
const precedence: readonly ProblemKind[] = [
  'limit',
  'exists',
  'conflict',
  'denied',
  'unavailable',
  'invalid',
  'unsupported',
];

/** One problem for several causes; its kind is that of the most telling cause. */
export const combineProblems = (
  code: string,
  message: string,
  causes: readonly unknown[],
  { nothingDone }: { readonly nothingDone: boolean },
): Problem => {
  const problems = causes.filter((cause) => Problem.is(cause));
  const kind =
    precedence.find((candidate) => problems.some((problem) => problem.kind === candidate)) ??
    problems[0]?.kind ??
    'bug';
  const telling = problems.find((problem) => problem.kind === kind);
  return new Problem(code, kind, message, {
    cause: causes.length === 1 ? causes[0] : new AggregateError(causes, message),
    nothingDone,
    ...(telling?.hint === undefined ? {} : { hint: telling.hint }),
    ...(telling?.array === undefined ? {} : { array: telling.array }),
  });
};
