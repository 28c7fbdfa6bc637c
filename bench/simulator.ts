import { Pool } from 'undici';
import { startSimulator } from '../src/simulator/simulator.ts';
import { inParallel, round, say, table } from './report.ts';

const count = 10_000;

/** A simulated cluster with 10,000 volumes: paged list, look-up by name, memory; against one empty read. */
export const run = async (): Promise<void> => {
  const simulator = await startSimulator({});
  const pool = new Pool(simulator.url, { connections: 8, connect: { ca: simulator.certificate } });
  const { name, password } = simulator.user('admin');
  const headers = { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
  const get = async (path: string): Promise<{ records?: unknown[]; _links?: { next?: { href: string } } }> => {
    const answer = await pool.request({ path, method: 'GET', headers });
    return JSON.parse(await answer.body.text());
  };
  try {
    const begunMaking = performance.now();
    await inParallel(
      Array.from({ length: count }, (_, index) => index),
      8,
      async (index) => {
        const reply = await simulator.call('POST', '/storage/volumes?return_timeout=15', {
          name: `v${index}`,
          size: 20 * 1024 ** 2,
          guarantee: { type: 'none' },
          svm: { name: 'svm0' },
          aggregates: [{ name: 'aggr1_n1' }],
        });
        if (reply.status >= 300) throw new Error(JSON.stringify(reply.body));
      },
    );
    const making = performance.now() - begunMaking;
    const time = async (work: () => Promise<unknown>): Promise<number> => {
      const begun = performance.now();
      await work();
      return performance.now() - begun;
    };
    await get('/api/cluster?fields=version');
    const base = await time(() => get('/api/cluster?fields=version'));
    const list = await time(async () => {
      let path: string | undefined =
        '/api/storage/volumes?fields=name,size,state,style,type,comment,nas.path,nas.export_policy.name,guarantee,space.used&max_records=1000';
      while (path !== undefined) path = (await get(path))._links?.next?.href;
    });
    const lookup = await time(async () => {
      for (let index = 0; index < 100; index++)
        await get(`/api/storage/volumes?name=v${index * 97}&svm.name=svm0&fields=size`);
    });
    say(`${count} volumes; made in ${round(making / 1000, 1)} s`);
    table(
      ['request', 'ms', 'ratio to a small read'],
      [
        ['small read', round(base, 2), '1.0'],
        ['full list, 10 fields, pages of 1,000', round(list, 0), round(list / base, 0)],
        ['look-up by name', round(lookup / 100, 2), round(lookup / 100 / base, 1)],
      ],
    );
    say(`peak memory of this process ${round(process.resourceUsage().maxRSS / 1024, 0)} MB`);
  } finally {
    await pool.close();
    await simulator.stop();
  }
};
