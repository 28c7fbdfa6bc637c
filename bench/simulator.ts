import { Pool } from 'undici';
import { startArrayProcess } from './array-process.ts';
import type { ArrayFacts } from './drivers.ts';
import { inParallel, round, say, table } from './report.ts';

const count = 10_000;
const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

/** Lists and makes volumes, over connections of its own. */
const openClient = ({ host, username, password, certificate, svm }: ArrayFacts) => {
  const pool = new Pool(`https://${host}`, { connections: 8, connect: { ca: certificate } });
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  return {
    async get(path: string): Promise<{ _links?: { next?: { href: string } } }> {
      const answer = await pool.request({ path, method: 'GET', headers });
      return JSON.parse(await answer.body.text());
    },
    async make(index: number): Promise<void> {
      const body = {
        name: `v${index}`,
        size: 20 * 1024 ** 2,
        guarantee: { type: 'none' },
        svm: { name: svm },
        aggregates: [{ name: 'aggr1_n1' }],
      };
      const answer = await pool.request({
        path: '/api/storage/volumes?return_timeout=15',
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(text);
    },
    close: () => pool.close(),
  };
};
type Client = ReturnType<typeof openClient>;

const listInPages = async ({ get }: Client): Promise<void> => {
  let path: string | undefined =
    '/api/storage/volumes?fields=name,size,state,style,type,comment,nas.path,nas.export_policy.name,guarantee,space.used&max_records=1000';
  while (path !== undefined) path = (await get(path))._links?.next?.href;
};

const lookUpHundred = async ({ get }: Client): Promise<void> => {
  for (let index = 0; index < 100; index++)
    await get(`/api/storage/volumes?name=v${index * 97}&svm.name=svm0&fields=size`);
};

/**
 * A simulated cluster with 10,000 volumes, in a process of its own: paged list, look-up by name, every field in one
 * page, dump and restore, and the memory all this takes; against one small read.
 */
export const run = async (): Promise<void> => {
  await using array = await startArrayProcess({ latencyMs: 0, jobTimeMs: 0, topology: {} });
  const client = openClient(array.facts);
  const memory: [string, number | undefined][] = [];
  const note = (what: string) => memory.push([what, array.peakMemoryMb()]);
  try {
    const numbers = Array.from({ length: count }, (_, index) => index);
    const making = await elapsed(() => inParallel(numbers, 8, client.make));
    note(`${count} volumes made`);
    await client.get('/api/cluster?fields=version');
    const base = await elapsed(() => client.get('/api/cluster?fields=version'));
    const list = await elapsed(() => listInPages(client));
    note('listed with 10 fields');
    const lookup = await elapsed(() => lookUpHundred(client));
    const whole = await elapsed(() => client.get('/api/storage/volumes?fields=**'));
    note('listed with every field, in one page');
    let state = '';
    const dumping = await elapsed(async () => (state = await array.dump()));
    note('dumped');
    const restoring = await elapsed(() => array.restore(state));
    note('restored');
    say(`${count} volumes; made in ${round(making / 1000, 1)} s; a dump has ${round(state.length / 1e6, 0)} MB`);
    const ratio = (ms: number) => round(ms / base, ms < 10 * base ? 1 : 0);
    table(
      ['request', 'ms', 'ratio to a small read'],
      [
        ['small read', round(base, 2), '1.0'],
        ['full list, 10 fields, pages of 1,000', round(list, 0), ratio(list)],
        ['look-up by name', round(lookup / 100, 2), ratio(lookup / 100)],
        ['full list, every field, one page', round(whole, 0), ratio(whole)],
        ['dump', round(dumping, 0), ratio(dumping)],
        ['restore', round(restoring, 0), ratio(restoring)],
      ],
    );
    table(
      ['peak memory of the simulator', 'MB'],
      memory.map(([what, megabytes]) => [what, megabytes === undefined ? 'unknown' : round(megabytes, 0)]),
    );
  } finally {
    await client.close();
  }
};
