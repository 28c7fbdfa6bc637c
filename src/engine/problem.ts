/**
 * What kind of thing went wrong. Everything that maps an error to the outside (HTTP status, exit status, later gRPC
 * codes) looks at the kind and at nothing else.
 */
export type ProblemKind =
  /** The command line or request itself is wrong. */
  | 'usage'
  /** A value in a file or a request body is wrong; `path` says which. */
  | 'invalid'
  | 'notFound'
  /** The name is taken. */
  | 'exists'
  /** The object is busy, in use, or in a state that forbids the request. */
  | 'conflict'
  /** The backend, driver or core can never do this. */
  | 'unsupported'
  /** A limit is reached: size, space, count. */
  | 'limit'
  /** Credentials or rights are missing. */
  | 'denied'
  /** The array, core or store cannot be reached or did not answer in time. */
  | 'unavailable'
  /** The core has not finished starting. */
  | 'notReady'
  /** Stopped by the user or by a shutdown. */
  | 'interrupted'
  /** Our own mistake. */
  | 'bug';

/** Exit status of the command for each kind, used when detailed statuses are asked for; stock uses 1 for all. */
export const exitStatusOf = {
  usage: 2,
  invalid: 2,
  notFound: 3,
  exists: 4,
  conflict: 4,
  unsupported: 5,
  limit: 6,
  denied: 7,
  unavailable: 8,
  notReady: 8,
  interrupted: 130,
  bug: 70,
} as const satisfies Record<ProblemKind, number>;

/** What the array itself said, kept word for word. */
export interface ArrayRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

export interface ProblemDetails {
  /** What the reader can do about it, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Key path inside the document that is wrong, for example `['storage', 1, 'defaults', 'size']`. */
  readonly path?: readonly (string | number)[];
  readonly array?: ArrayRefusal;
  /** True when it is certain that the refused request changed nothing, so there is nothing to take back. */
  readonly nothingDone?: boolean;
}

const brand = Symbol.for('tridentctl.problem');

/** The one error type: a stable code to search for, a kind that fixes the statuses, a message, a hint, a cause. */
export class Problem extends Error {
  readonly [brand] = true;
  readonly code: string;
  readonly kind: ProblemKind;
  readonly hint: string | undefined;
  readonly path: readonly (string | number)[] | undefined;
  readonly array: ArrayRefusal | undefined;
  readonly nothingDone: boolean;

  /** @param code dotted and stable, `volume.exists`; @param message one sentence without a final full stop */
  constructor(code: string, kind: ProblemKind, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.kind = kind;
    this.hint = details.hint;
    this.path = details.path;
    this.array = details.array;
    this.nothingDone = details.nothingDone ?? false;
  }

  /** True for a Problem of any copy of this module. */
  static is(value: unknown): value is Problem {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** The message of anything thrown, without a stack. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What a problem says beside its message, for one that tells the same in other words. */
export const detailsOf = ({ hint, path, array, nothingDone }: Problem): ProblemDetails => ({
  nothingDone,
  ...(hint === undefined ? {} : { hint }),
  ...(path === undefined ? {} : { path }),
  ...(array === undefined ? {} : { array }),
});

/** A problem of a later step: the earlier ones left something, so that it must not be taken for "nothing was done". */
export const afterWork = (error: unknown): unknown =>
  Problem.is(error) && error.nothingDone
    ? new Problem(error.code, error.kind, error.message, { ...detailsOf(error), cause: error, nothingDone: false })
    : error;
