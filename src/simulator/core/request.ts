import type { Context, Resource } from './declaration.ts';
import type { JobFate } from './job-data.ts';
import type { RequestQuery } from './query.ts';
import type { World } from './world.ts';

/** A request to one resource, understood as far as the core can without it. */
export interface ResourceRequest {
  readonly world: World;
  readonly resource: Resource;
  readonly method: string;
  /** Path parameters by name; those of the parents and those of the instance. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: RequestQuery;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** Key of the SVM the caller is confined to, or has tunnelled to. */
  readonly svm: string | undefined;
  /** Whether answers carry `_links`. */
  readonly links: boolean;
  readonly fate: JobFate;
  readonly facts: Pick<Context, 'fullAggregate' | 'transfer'>;
  readonly paging: Paging;
  /** Ends when the client has gone or the simulator stops. */
  readonly signal: AbortSignal;
}

/** What faults do to the pages of a collection. */
export interface Paging {
  /** Greatest page. */
  readonly size?: number;
  /** The last page has a `next` link, with nothing behind it. */
  readonly trailing?: true;
  /** Links to next pages stop working at this instant (milliseconds). */
  readonly expires?: number;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
