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
  /**
   * Waits for a job on the simulated clock, so many milliseconds at most and no longer than the client does; true when
   * it has ended.
   */
  readonly waitFor: (job: string, milliseconds: number) => Promise<boolean>;
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
  /** Sent instead of JSON; each character is a byte. */
  readonly raw?: { readonly text: string; readonly type: string };
}
