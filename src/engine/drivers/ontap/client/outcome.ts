import type { ArrayRefusal } from '../../../problem.ts';

/** What was asked; kept with every answer, so that a message can name the endpoint. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path below `/api`, without the query: `/storage/volumes`. */
  readonly path: string;
}

/** The array did it, or holds what was asked for. */
export interface Ok<T> {
  readonly kind: 'ok';
  readonly value: T;
}

/** The array said no, in an answer of its own or as the end of a job. */
export interface Refused {
  readonly kind: 'refused';
  readonly asked: Asked;
  readonly refusal: ArrayRefusal;
  /** An earlier sending of the same request was lost, so that this does not prove that nothing was done. */
  readonly afterLoss?: true;
}

/** Something answered, but not as an array does: no JSON, or JSON of another shape. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly asked: Asked;
  readonly status: number;
  /** What is wrong with the answer. */
  readonly reason: string;
}

/** A change was sent and nothing is known of its end: it may have been made, or be under way. */
export interface Lost {
  readonly kind: 'lost';
  readonly asked: Asked;
  readonly reason: string;
  readonly cause?: unknown;
  /** The job that was still under way when we stopped waiting. */
  readonly runningJob?: string;
}

/** The end of a read. */
export type Answer<T> = Ok<T> | Refused | Unreadable;
/** The end of a change. */
export type Outcome<T> = Answer<T> | Lost;

export const ok = <T>(value: T): Ok<T> => ({ kind: 'ok', value });
