/**
 * Faults by request pattern. A rule of the type `tls` is for connections, and only counts and chances can be said of
 * those. A rule says which requests it is for and what happens to them; it counts the requests it
 * matched (`seen`) and the ones it struck (`hits`). All members of a match must hold.
 */
export interface FaultMatch {
  readonly method?: string | readonly string[];
  /** Path without query, with or without `/api`; `*` is any text without `/`, `**` any text. */
  readonly path?: string;
  /** Query parameters that must be present with a value that matches the pattern (`*` is any text). */
  readonly query?: Readonly<Record<string, string>>;
  /** Body properties by dotted path, compared as text; `*` is any text. */
  readonly body?: Readonly<Record<string, string | number | boolean>>;
  readonly user?: string;
  /** Strikes the n-th matching request only (from 1). */
  readonly nth?: number;
  /** Lets the first n matching requests pass. */
  readonly skip?: number;
  /** Strikes at most n times. */
  readonly count?: number;
  /** Strikes with this probability (0..1), drawn from the seed. */
  readonly probability?: number;
  /** Strikes no more when so many milliseconds of the simulated clock have gone since it struck first. */
  readonly forMilliseconds?: number;
}

export type FaultAction =
  /** Answers without doing the work. */
  | {
      readonly type: 'refuse';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly target?: string;
      readonly retryAfterSeconds?: number;
      /** Sent as it is instead of an ONTAP error, for replies that are not JSON. */
      readonly text?: string;
      readonly contentType?: string;
    }
  /** Waits before the work is done. */
  | { readonly type: 'delay'; readonly milliseconds: number; readonly jitterMilliseconds?: number }
  /** Waits after the work is done, before the reply. */
  | { readonly type: 'delay-reply'; readonly milliseconds: number; readonly jitterMilliseconds?: number }
  /** Waits after the headers of the reply were sent, before its body. */
  | { readonly type: 'delay-body'; readonly milliseconds: number; readonly jitterMilliseconds?: number }
  /** Ends the connection and does nothing. */
  | { readonly type: 'drop-request'; readonly how?: 'close' | 'reset' }
  /**
   * Does the work, then ends the connection instead of replying: before any byte (`close`, `reset`), in the middle of
   * the body (`truncate`, `reset-body`) or after the headers (`reset-headers`).
   */
  | { readonly type: 'drop-reply'; readonly how?: ReplyEnding }
  /** The job that the request starts stays in a state, for a time or for ever. */
  | { readonly type: 'job-stall'; readonly state?: 'queued' | 'running' | 'paused'; readonly milliseconds?: number }
  /**
   * The job fails; nothing is changed unless `afterWork`. With `onlyError` the job's own `code` and `message` are
   * absent, and `error` alone says why.
   */
  | {
      readonly type: 'job-fail';
      readonly code: number;
      readonly message: string;
      readonly afterWork?: boolean;
      readonly onlyError?: boolean;
    }
  /** The job does its work, and every GET of it answers 404. */
  | { readonly type: 'job-vanish' }
  /** What the request makes is not to be seen in GETs for a time after success. */
  | { readonly type: 'hide'; readonly milliseconds: number }
  /** The work finds no free space in any aggregate, or in the named one. */
  | { readonly type: 'aggregate-full'; readonly aggregate?: string }
  /** The SnapMirror transfer that the request starts takes longer, or for ever. */
  | { readonly type: 'transfer-stall'; readonly milliseconds?: number }
  /** The SnapMirror transfer that the request starts fails at its end; the relationship is not healthy then. */
  | { readonly type: 'transfer-fail'; readonly code?: number; readonly message?: string }
  /** Collections end their pages after n records whatever was asked. */
  | { readonly type: 'page-size'; readonly records: number }
  /** The last page of a collection has a `next` link, with nothing behind it. */
  | { readonly type: 'empty-page' }
  /** Links to next pages that are given out stop working after a time; following one is then refused. */
  | { readonly type: 'expire-pages'; readonly milliseconds: number }
  /** A field is missing from the answer. */
  | { readonly type: 'drop-field'; readonly field: string }
  /** Times in the answer are those of a clock that is wrong (ahead when positive), or are written in another zone. */
  | { readonly type: 'skew'; readonly milliseconds?: number; readonly zone?: string }
  /** A connection is offered a certificate that is not to be trusted, or its handshake is refused. */
  | { readonly type: 'tls'; readonly how: TlsFlaw };

export type ReplyEnding = 'close' | 'reset' | 'truncate' | 'reset-headers' | 'reset-body';

export type TlsFlaw = 'expired' | 'wrong-host' | 'unknown-authority' | 'refused';

export interface FaultRule {
  /** Drawn when it is not given; `remove` takes it. */
  readonly name?: string;
  readonly when: FaultMatch;
  readonly then: FaultAction;
}

export interface ActiveFault extends FaultRule {
  readonly name: string;
  readonly seen: number;
  readonly hits: number;
}
