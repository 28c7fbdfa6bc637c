import { detailsOf, Problem, type ProblemDetails, type ProblemKind } from '../engine/problem.ts';

/**
 * What a core over HTTP answered instead of success. Its message is what stock's command prints after
 * `could not get volume x: `, the core's own words and the status line: `volume x was not found (404 Not Found)`.
 */
export class CoreRefusal extends Problem {
  readonly status: number;
  /** `404 Not Found` */
  readonly statusLine: string;
  /** The core's own words; undefined when its answer was not the JSON of a core. */
  readonly said: string | undefined;

  constructor(
    refusal: { readonly status: number; readonly statusLine: string; readonly said: string | undefined },
    known: { readonly code: string; readonly kind: ProblemKind; readonly details: ProblemDetails },
  ) {
    const { statusLine, said } = refusal;
    super(known.code, known.kind, said === undefined ? statusLine : `${said} (${statusLine})`, known.details);
    this.status = refusal.status;
    this.statusLine = statusLine;
    this.said = said;
  }
}

/** What a status means when the core says no more than that. */
export const kindOfStatus = (status: number): ProblemKind => {
  if (status === 401) return 'denied';
  if (status === 403) return 'unsupported';
  if (status === 404) return 'notFound';
  if (status === 409) return 'conflict';
  if (status === 503) return 'notReady';
  return status >= 400 && status < 500 && status !== 429 ? 'invalid' : 'unavailable';
};

/** The same problem in the words of what was being done: `could not get volume x: …`. Other errors stay as they are. */
export const explain = (what: string, error: unknown): unknown => {
  if (!Problem.is(error) || error.kind === 'interrupted' || error.kind === 'bug') return error;
  return new Problem(error.code, error.kind, `${what}: ${error.message}`, { ...detailsOf(error), cause: error });
};
