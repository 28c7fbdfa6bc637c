import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { at, openOntapSession, type OntapSession } from '../support/ontap-session.ts';

/** Ten thousand volumes. The limits are those of a machine with two busy cores, with room to spare. */

const COUNT = 10_000;
const MEMORY_PROCESS = fileURLToPath(new URL('../support/simulator-memory-process.ts', import.meta.url));
const reachable = v.object({
  url: v.string(),
  certificate: v.string(),
  controlToken: v.string(),
  name: v.string(),
  password: v.string(),
});
const wholePage = v.object({ records: v.array(v.looseObject({ uuid: v.string() })), num_records: v.number() });
let array: OntapSession;

const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

beforeAll(async () => {
  array = await openOntapSession({});
  const [aggregate] = await array.list('/storage/aggregates');
  for (let index = 0; index < COUNT; index++) {
    await array.simulator.call('POST', '/storage/volumes', {
      name: `v${index}`,
      size: '20MB',
      svm: { name: 'svm0' },
      aggregates: [{ name: at(aggregate, 'name') }],
      guarantee: { type: 'none' },
      nas: { path: `/v${index}` },
    });
  }
}, 120_000);
afterAll(() => array.close());

describe(`${COUNT} volumes`, () => {
  it('are all there', async () => {
    expect(at(await array.expect(200, 'GET', '/storage/volumes?return_records=false&name=v*'), 'num_records')).toBe(
      COUNT,
    );
  });

  it('are listed with ten fields, page by page, in 1.5 s', async () => {
    let seen = 0;
    const list = async () => {
      seen = 0;
      let path: string | undefined =
        '/storage/volumes?fields=name,size,state,comment,nas.path,nas.export_policy.name,svm.name,space.used,aggregates.name,snapshot_policy.name&max_records=1000';
      while (path !== undefined) {
        const page: unknown = await array.expect(200, 'GET', path);
        seen += Number(at(page, 'num_records'));
        const next = at(page, '_links', 'next', 'href');
        path = typeof next === 'string' ? next.replace('/api', '') : undefined;
      }
    };
    // The best of three: other work on the machine is not ours.
    const times = [await elapsed(list), await elapsed(list), await elapsed(list)];
    expect(seen).toBe(COUNT + 2);
    expect(Math.min(...times)).toBeLessThan(1500);
  });

  it('are found by name in 5 ms', async () => {
    const times: number[] = [];
    for (let index = 0; index < 60; index++) {
      times.push(
        await elapsed(() =>
          array.expect(200, 'GET', `/storage/volumes?name=v${index * 151}&svm.name=svm0&fields=size,nas`),
        ),
      );
    }
    expect(times.toSorted((a, b) => a - b)[30]).toBeLessThan(5);
  });
});

describe('what grows with the square of a number', () => {
  it('is not the mapping of LUNs into one igroup', async () => {
    const { simulator } = array;
    const svm = { name: 'svm0' };
    await simulator.call('POST', '/storage/volumes', {
      name: 'luns',
      size: '1TB',
      svm,
      aggregates: [{ name: 'aggr1_n2' }],
      guarantee: { type: 'none' },
    });
    await simulator.call('POST', '/protocols/san/igroups', { name: 'g', os_type: 'linux', svm });
    const map = async (from: number, to: number) => {
      for (let index = from; index < to; index++) {
        const name = `/vol/luns/l${index}`;
        const lun = { name, os_type: 'linux', space: { size: '1GB' }, svm };
        expect((await simulator.call('POST', '/storage/luns', lun)).status).toBe(201);
        const mapped = await simulator.call('POST', '/protocols/san/lun-maps', {
          lun: { name },
          igroup: { name: 'g' },
          svm,
        });
        expect(mapped.status).toBe(201);
      }
    };
    const first = await elapsed(() => map(0, 500));
    await map(500, 3500);
    expect(await elapsed(() => map(3500, 4000))).toBeLessThan(5 * first + 500);
  }, 60_000);

  it('is not a listing of every field', async () => {
    const list = (count: number) =>
      elapsed(() => array.simulator.call('GET', `/storage/volumes?fields=**&max_records=${count}`));
    await list(100);
    const part = Math.min(await list(1000), await list(1000));
    expect(await list(COUNT)).toBeLessThan(30 * part);
  }, 60_000);
});

it('needs no more than 400 MB, whatever is asked of it', async () => {
  const child = spawn(process.execPath, [MEMORY_PROCESS, String(COUNT)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async () => v.parse(v.string(), (await lines.next()).value);
  const facts = v.parse(reachable, JSON.parse(await nextLine()));
  const dispatcher = new Agent({ connect: { ca: facts.certificate } });
  const basic = `Basic ${Buffer.from(`${facts.name}:${facts.password}`).toString('base64')}`;
  const ask = (path: string, authorization: string, body?: string) =>
    request(`${facts.url}${path}`, {
      dispatcher,
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization, 'accept-encoding': 'gzip' },
      ...(body === undefined ? {} : { body }),
    });
  for (const fields of ['*', '**', '**']) await (await ask(`/api/storage/volumes?fields=${fields}`, basic)).body.dump();
  const control = `Bearer ${facts.controlToken}`;
  const dump = gunzipSync(await (await ask('/_sim/dump', control)).body.bytes()).toString();
  expect((await ask('/_sim/restore', control, dump)).statusCode).toBe(200);
  // Of the whole page, in one answer.
  const page = gunzipSync(await (await ask('/api/storage/volumes?fields=**', basic)).body.bytes());
  const { records, num_records: count } = v.parse(wholePage, JSON.parse(page.toString()));
  expect([count, records.length]).toEqual([COUNT, COUNT]);
  await dispatcher.close();
  child.stdin.end();
  const megabytes = Number(await nextLine());
  expect(megabytes).toBeGreaterThan(50);
  expect(megabytes).toBeLessThan(400);
}, 180_000);

it('starts in 300 ms', async () => {
  const times: number[] = [];
  for (let index = 0; index < 3; index++) times.push(await elapsed(async () => (await startSimulator({})).stop()));
  expect(Math.min(...times)).toBeLessThan(300);
});
