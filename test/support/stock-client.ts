import { at, textAt, type OntapReply, type OntapSession } from './ontap-session.ts';

type Change = 'POST' | 'PATCH' | 'DELETE';

/** How the stock drivers speak: what they read, and how they wait for a job. */
export interface StockClient {
  get(path: string): Promise<unknown>;
  list(path: string): Promise<readonly unknown[]>;
  /** The one record of a list; undefined when there are none or several. */
  one(path: string): Promise<unknown>;
  /** Accepts these statuses; with a job, polls it as stock does and gives it back as the body. */
  change(accepted: readonly number[], method: Change, path: string, body?: unknown): Promise<OntapReply>;
  /** As `change`; a job that fails throws. */
  succeed(accepted: readonly number[], method: Change, path: string, body?: unknown): Promise<unknown>;
}

/** What the stock drivers make a FlexVol with. @param more what differs between them */
export const flexVolBody = (
  name: string,
  bytes: number,
  svm: string,
  more: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  name,
  size: bytes,
  svm: { uuid: svm },
  style: 'flexvol',
  state: 'online',
  guarantee: { type: 'none' },
  snapshot_policy: { name: 'none' },
  comment: '',
  aggregates: [{ name: 'aggr1_n1' }],
  tiering: { policy: 'none' },
  ...more,
});

export const stockClient = (array: OntapSession): StockClient => {
  const get = (path: string) => array.expect(200, 'GET', path);
  const list = async (path: string) => {
    const records = at(await get(path), 'records');
    return Array.isArray(records) ? records : [];
  };
  const change: StockClient['change'] = async (accepted, method, path, body) => {
    const reply = await array.send(method, path, body);
    if (!accepted.includes(reply.status)) {
      throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
    const job = at(reply.body, 'job', 'uuid');
    if (typeof job !== 'string') return reply;
    const state = textAt(await get(`/cluster/jobs/${job}?fields=state`), 'state');
    if (state !== 'success' && state !== 'failure') throw new Error(`job ${state}`);
    const ended = await get(`/cluster/jobs/${job}?fields=**`);
    return { status: state === 'success' ? reply.status : 500, headers: reply.headers, body: ended };
  };
  return {
    get,
    list,
    one: async (path) => {
      const found = await list(path);
      return found.length === 1 ? found[0] : undefined;
    },
    change,
    succeed: async (accepted, method, path, body) => {
      const reply = await change(accepted, method, path, body);
      if (reply.status === 500) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`);
      return reply.body;
    },
  };
};
