import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Pool } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../problem.ts';
import { notReady, startFailed } from './handler.ts';
import { serve, type RequestLogEntry, type RunningServer, type ServeOptions } from './http-server.ts';
import { bodyLimit } from './request-body.ts';

/** What the server does before any core is there, over real sockets. */

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const start = async (more: Partial<ServeOptions> = {}): Promise<RunningServer> => {
  const server = await serve({
    orchestrator: () => {
      throw notReady();
    },
    address: '127.0.0.1',
    port: 0,
    version: '26.06.0',
    runtime: 'node',
    shutdownMs: 1000,
    ...more,
  });
  closers.push(() => server.close());
  return server;
};

const call = async (
  server: { readonly url: string },
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: string,
) => {
  const pool = new Pool(server.url);
  try {
    const answer = await pool.request({ method, path, body: body ?? null });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, text };
  } finally {
    await pool.close();
  }
};

const problemOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('starting', () => {
  it.each(['127.0.0.1', 'localhost', '::1', '[::1]'])('listens on %s', async (address) => {
    const server = await start({ address });
    expect((await call(server, 'GET', '/trident/v1/logging/level')).text).toBe('{"logLevel":"info"}');
  });

  it('refuses any other address', async () => {
    expect(await problemOf(start({ address: '0.0.0.0' }))).toMatchObject({ code: 'serve.address', kind: 'usage' });
  });

  it('says which port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const problem = await problemOf(start({ port }));
    expect(problem).toMatchObject({ code: 'serve.port-in-use', message: `port ${port} of 127.0.0.1 is in use` });
    expect(problem).toHaveProperty('hint', expect.stringContaining('--port 0'));
    other.close();
  });
});

describe('a core that is not there', () => {
  it('answers 503 and what the operation answers when it is empty, with the problem beside it', async () => {
    const { status, headers, text } = await call(await start(), 'GET', '/trident/v1/volume/x');
    expect(status).toBe(503);
    expect(headers['content-type']).toBe('application/json; charset=UTF-8');
    expect(JSON.parse(text)).toEqual({
      volume: null,
      error: 'Trident is initializing, please try again later',
      problem: { code: 'core.starting', kind: 'notReady', nothingDone: true },
    });
  });

  it('answers 500 when it could not start', async () => {
    const server = await start({
      orchestrator: () => {
        throw startFailed(
          new Problem('store.locked', 'unavailable', 'the state is <locked>', { hint: 'stop the other' }),
        );
      },
    });
    const { status, text } = await call(server, 'GET', '/trident/version');
    expect(status).toBe(500);
    expect(text).toContain(String.raw`Trident initialization failed; the state is \u003clocked\u003e`);
    expect(JSON.parse(text)).toMatchObject({ version: '26.06.0', problem: { hint: 'stop the other' } });
  });

  it('does not hide a defect as something else', async () => {
    const server = await start({
      orchestrator: () => {
        throw new TypeError('x is not a function');
      },
    });
    const { status, text } = await call(server, 'GET', '/trident/v1/backend');
    expect(status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ backends: [], problem: { kind: 'bug' } });
  });
});

describe('requests', () => {
  const path = '/trident/v1/logging/workflows';

  it.each([
    ['', 400, 'invalid JSON: unexpected end of JSON input'],
    ['{"logWorkflows":"volume=create"} x', 400, "invalid JSON: invalid character 'x' after top-level value"],
    ['{"logWorkflows":1}', 400, 'invalid JSON: json: cannot unmarshal number into Go struct field'],
    [`{"logWorkflows":""${' '.repeat(bodyLimit)}}`, 400, 'invalid JSON: unexpected end of JSON input'],
    [`{"logWorkflows":""}${' '.repeat(bodyLimit)}`, 200, ''],
    ['null', 200, ''],
  ])('%.40s', async (body, status, error) => {
    const answer = await call(await start(), 'POST', path, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toHaveProperty('error', expect.stringContaining(error));
  });

  it('says why a long body was cut', async () => {
    const answer = await call(await start(), 'POST', path, `{"logWorkflows":"${'x'.repeat(bodyLimit)}"}`);
    expect(JSON.parse(answer.text)).toHaveProperty('problem.hint', 'a request of more than 40960 bytes is cut there');
  });

  it('keep the connection usable after a long body', async () => {
    const server = await start();
    const pool = new Pool(server.url, { connections: 1 });
    closers.unshift(() => pool.close());
    const send = async () => {
      const answer = await pool.request({ method: 'POST', path, body: 'x'.repeat(1_000_000) });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect([await send(), await send()]).toEqual([400, 400]);
  });

  it('that do not decode are refused', async () => {
    expect((await call(await start(), 'GET', '/trident/v1/volume/%zz')).status).toBe(400);
  });

  it('are throttled where stock throttles, with the time to wait', async () => {
    const server = await start();
    const pool = new Pool(server.url, { connections: 8 });
    closers.unshift(() => pool.close());
    const answers = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const answer = await pool.request({ method: 'PUT', path: '/trident/v1/node/n', body: '{"name":"n"}' });
        return { status: answer.statusCode, wait: answer.headers['retry-after'], text: await answer.body.text() };
      }),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(50);
    expect(refused.every(({ wait, text }) => wait === '1' && text === '')).toBe(true);
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThanOrEqual(100);
  });

  it('are logged with the id they bring, or one of their own', async () => {
    const entries: RequestLogEntry[] = [];
    const server = await start({ log: (entry) => entries.push(entry) });
    const pool = new Pool(server.url);
    closers.unshift(() => pool.close());
    for (const headers of [{ 'x-request-id': 'mine' }, {}]) {
      const answer = await pool.request({ method: 'GET', path: '/trident/v1/volume/x', headers });
      await answer.body.dump();
    }
    expect(entries.map(({ route, status, problem }) => [route, status, problem?.code])).toEqual([
      ['getVolume', 503, 'core.starting'],
      ['getVolume', 503, 'core.starting'],
    ]);
    expect(entries[0]?.requestId).toBe('mine');
    expect(entries[1]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('metrics', () => {
  it('are answered beside the API, and on every path of a listener of their own', async () => {
    const server = await start({
      metricsPort: 0,
      processStats: () => ({ cpuSeconds: 1.5, residentBytes: 1024, startTime: 1_700_000_000 }),
    });
    await call(server, 'GET', '/trident/v1/volume/x');
    const beside = await call(server, 'GET', '/metrics');
    expect(beside.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
    expect(beside.text).toContain('trident_rest_ops_total{op="GET",route="GetVolume",status_code="503"} 1\n');
    expect(beside.text).toContain('process_cpu_seconds_total 1.5\n');
    const own = { url: server.metricsUrl ?? '' };
    for (const path of ['/', '/metrics', '/any/path'])
      expect((await call(own, 'POST', path)).text).toContain('# TYPE trident_build_info gauge\n');
  });
});

describe('closing', () => {
  it('takes no more connections', async () => {
    const server = await start();
    await server.close();
    expect(await problemOf(call(server, 'GET', '/metrics'))).toHaveProperty('code', 'ECONNREFUSED');
  });

  it('does not wait for a client that sends nothing', async () => {
    const server = await start({ shutdownMs: 50 });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await server.close();
    await ended;
    expect(socket.destroyed).toBe(true);
  });
});
