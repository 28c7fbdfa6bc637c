import type { AnyOperation, Params, PathOf, RequestOf, ResponseOf } from '../../client/contract.ts';
import type { operations } from '../../client/operations.ts';
import type { CallOptions, Orchestrator } from '../orchestrator/orchestrator.ts';
import { detailsOf, Problem } from '../problem.ts';
import type { LogSettings } from './log-settings.ts';

/** One call of an operation as its handler sees it, whether it came over HTTP or from this process. */
export interface HandlerCall<O> {
  readonly params: Params<PathOf<O>>;
  readonly query: Readonly<Record<string, string>>;
  /**
   * The request, read when asked for: what stock looks up before it reads the body is looked up first here, too.
   * @throws Problem of kind `invalid`
   */
  body(): RequestOf<O>;
  readonly signal: AbortSignal;
  readonly progress?: (step: string) => void;
  /** Nothing is to be done: the use case rejects with `DryRun`. */
  readonly dryRun?: true;
}

type Table = Readonly<Record<string, AnyOperation>>;
/** A handler for each operation of a table. They reject with Problems. */
type HandlersOf<T extends Table> = {
  readonly [Name in keyof T]: (call: HandlerCall<T[Name]>) => Promise<ResponseOf<T[Name]>>;
};
export type Operations = typeof operations;
export type Handlers = HandlersOf<Operations>;
export type HandlersFor<Name extends keyof Operations> = Pick<Handlers, Name>;

/** What all handlers share. */
export interface HandlerContext {
  /**
   * The core.
   * @throws Problem of kind `notReady` while it starts, `core.failed` when it could not
   */
  orchestrator(): Orchestrator;
  readonly version: string;
  /** What runs the core, told where stock tells its Go version: `node24.21.0`. */
  readonly runtime: string;
  readonly logging: LogSettings;
}

/** A failure whose answer still carries something: stock fills some keys in error answers. */
export class FailedAnswer extends Problem {
  readonly payload: Readonly<Record<string, unknown>>;

  constructor(problem: Problem, payload: Readonly<Record<string, unknown>>) {
    super(problem.code, problem.kind, problem.message, { ...detailsOf(problem), cause: problem.cause });
    this.payload = payload;
  }
}

/** The core is still starting; stock's text. */
export const notReady = (): Problem =>
  new Problem('core.starting', 'notReady', 'Trident is initializing, please try again later', { nothingDone: true });

/** The core could not start, and will not without help; stock's text. */
export const startFailed = (cause: unknown): Problem =>
  new Problem(
    'core.failed',
    'unavailable',
    `Trident initialization failed; ${Problem.is(cause) ? cause.message : String(cause)}`,
    {
      cause,
      nothingDone: true,
      ...(Problem.is(cause) && cause.hint !== undefined ? { hint: cause.hint } : {}),
    },
  );

/** What a use case is told of the call it serves. */
export const callOptions = ({
  signal,
  progress,
  dryRun,
}: Pick<HandlerCall<AnyOperation>, 'signal' | 'progress' | 'dryRun'>): CallOptions => ({
  signal,
  ...(progress === undefined ? {} : { progress }),
  ...(dryRun === undefined ? {} : { dryRun }),
});

/** A missing request field, in stock's words. */
export const mandatory = (text: string, path: readonly string[]): Problem =>
  new Problem('request.mandatory', 'invalid', text, { path, nothingDone: true });

/** What a use case says beside its answer, each sentence once. */
export const listening = () => {
  const said = new Set<string>();
  return {
    warn: (text: string) => void said.add(text),
    warnings: () => (said.size === 0 ? {} : { warnings: [...said] }),
  };
};
