import { detailsOf, type Problem, type ProblemDetails, type ProblemKind } from '../../engine/problem.ts';
import { anything, flag, integer, list, nullable, object, optional, text } from './codec.ts';

const kinds: readonly ProblemKind[] = [
  'usage',
  'invalid',
  'notFound',
  'exists',
  'conflict',
  'unsupported',
  'limit',
  'denied',
  'unavailable',
  'notReady',
  'interrupted',
  'bug',
];

const arrayRefusal = object('ArrayRefusal', { status: integer, code: text, message: text, target: optional(text) });

/** A key of our own in error answers, beside stock's `error`: all of a Problem but its message. */
const problemWire = object('Problem', {
  code: text,
  kind: text,
  hint: optional(text),
  path: optional(list(anything)),
  array: optional(nullable(arrayRefusal)),
  nothingDone: optional(flag),
});
export type ProblemWire = ReturnType<typeof problemWire.parse>;

export const problemToWire = (problem: Problem): ProblemWire =>
  problemWire.write({ code: problem.code, kind: problem.kind, ...detailsOf(problem) });

const isKey = (key: unknown): key is string | number => typeof key === 'string' || typeof key === 'number';

/** The parts of a Problem, or undefined when `input` is not one of a core of ours. */
export const problemFromWire = (
  input: unknown,
): { readonly code: string; readonly kind: ProblemKind; readonly details: ProblemDetails } | undefined => {
  if (input === undefined || input === null) return undefined;
  let wire: ProblemWire;
  try {
    wire = problemWire.parse(input);
  } catch {
    return undefined;
  }
  const kind = kinds.find((one) => one === wire.kind);
  if (kind === undefined) return undefined;
  const { hint, path, array, nothingDone } = wire;
  const details: ProblemDetails = {
    ...(hint === undefined ? {} : { hint }),
    ...(path === undefined ? {} : { path: path.filter(isKey) }),
    ...(array === undefined || array === null ? {} : { array }),
    ...(nothingDone === undefined ? {} : { nothingDone }),
  };
  return { code: wire.code, kind, details };
};
