import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../engine/problem.ts';
import { CoreRefusal } from './failure.ts';
import { openHttpCore, serverUrl, type HttpTrace } from './http.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const start = async (handle: Handler): Promise<string> => {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return `127.0.0.1:${address.port}`;
};

const open = (server: string, more: { readonly timeoutMs?: number; readonly trace?: HttpTrace } = {}) => {
  const core = openHttpCore({
    server,
    timeoutMs: more.timeoutMs ?? 5000,
    connections: 4,
    ...(more.trace === undefined ? {} : { trace: more.trace }),
  });
  closers.unshift(async () => core[Symbol.asyncDispose]());
  return core;
};

const { signal } = new AbortController();
const volume = (name: string) => ({ params: { volume: name }, signal });

/** What a call rejects with, always a Problem. */
const problemOf = async (call: Promise<unknown>): Promise<Problem> => {
  try {
    await call;
  } catch (error) {
    if (Problem.is(error)) return error;
    throw error;
  }
  throw new Error('the call succeeded');
};

describe('serverUrl', () => {
  it.each([
    ['127.0.0.1:8000', 'http://127.0.0.1:8000'],
    ['[::1]:8000', 'http://[::1]:8000'],
    ['trident.example', 'http://trident.example'],
    ['localhost:8000/', 'http://localhost:8000'],
    [':8000', 'http://127.0.0.1:8000'],
    ['http://127.0.0.1:8000/trident/v1', 'http://127.0.0.1:8000'],
    ['https://trident.example/base/trident/v1/', 'https://trident.example/base'],
    ['https://trident.example:8443/base/', 'https://trident.example:8443/base'],
  ])('%s', (server, url) => {
    expect(serverUrl(server).href.replace(/\/$/, '')).toBe(url);
  });

  it.each(['', ':', 'http://', 'http://:80', 'ftp://x', 'a b', '127.0.0.1:99999', 'http://u:secret@x', 'x?y=1'])(
    'refuses %j',
    (server) => {
      expect(() => serverUrl(server)).toThrow('is not the address of a server');
    },
  );

  it.each([
    ['http://u:secret@x', '"http://…@x"'],
    ['http://u:sec/ret@x:1', '"http://…@x:1"'],
    ['u:secret@x:1', '"…@x:1"'],
  ])('does not repeat the password of %s', (server, shown) => {
    expect(() => serverUrl(server)).toThrow(`${shown} is not the address of a server`);
  });
});

describe('a call over HTTP', () => {
  it('says what stock says, with the name encoded whole', async () => {
    const seen: unknown[] = [];
    const server = await start((request, response) => {
      seen.push([request.method, request.url, request.headers['content-type']]);
      response.writeHead(200).end('{"volume":{"config":{"name":"größe"}}}');
    });
    const answer = await open(server).call.getVolume(volume('a b?c#d%20größe'));
    expect(answer.volume?.Config.name).toBe('größe');
    expect(seen).toEqual([['GET', '/trident/v1/volume/a%20b%3Fc%23d%2520gr%C3%B6%C3%9Fe', 'application/json']]);
  });

  it('keeps the path of the server address and sends the query', async () => {
    const seen: unknown[] = [];
    const server = await start((request, response) => {
      seen.push(request.url);
      response.writeHead(200).end('{"volumes":[]}');
    });
    const core = open(`http://${server}/proxy/`);
    await core.call.listVolumes({ params: {}, query: { subordinateOf: 'a b&c' }, signal });
    expect(seen).toEqual(['/proxy/trident/v1/volume?subordinateOf=a+b%26c']);
  });

  it.each(['', '.', '..', 'a/b'])('refuses the name %j before anything is sent', async (name) => {
    let requests = 0;
    const server = await start((_request, response) => {
      requests += 1;
      response.end('{}');
    });
    const problem = await problemOf(open(server).call.deleteVolume(volume(name)));
    expect(problem).toMatchObject({ code: 'request.name', kind: 'usage', nothingDone: true });
    expect(requests).toBe(0);
  });
});

describe('an answer that is no success', () => {
  it.each([
    [404, '{"volume":null,"error":"volume x was not found"}', 'volume x was not found (404 Not Found)', 'notFound'],
    [400, '{"error":""}', ' (400 Bad Request)', 'invalid'],
    [409, '{}', ' (409 Conflict)', 'conflict'],
    [503, '{"error":"wait"}', 'wait (503 Service Unavailable)', 'notReady'],
    [500, '{"error":7}', '500 Internal Server Error', 'unavailable'],
    [502, '<html>', '502 Bad Gateway', 'unavailable'],
    [404, '404 page not found\n', '404 Not Found', 'notFound'],
    [202, '{"error":"odd"}', 'odd (202 Accepted)', 'unavailable'],
    [301, '', '301 Moved Permanently', 'unavailable'],
    [429, '', '429 Too Many Requests', 'unavailable'],
  ])('%i %s', async (status, body, message, kind) => {
    const server = await start((_request, response) => response.writeHead(status).end(body));
    const problem = await problemOf(open(server).call.getVolume(volume('x')));
    expect(problem).toBeInstanceOf(CoreRefusal);
    expect(problem).toMatchObject({ message, kind });
  });

  it('becomes the Problem that a core of ours had', async () => {
    const sent = {
      error: 'no space',
      problem: {
        code: 'volume.space',
        kind: 'limit',
        hint: 'use another pool',
        path: ['storage', 1],
        array: { status: 507, code: '917731', message: 'full', target: 'size' },
        nothingDone: true,
      },
    };
    const server = await start((_request, response) => response.writeHead(400).end(JSON.stringify(sent)));
    const problem = await problemOf(open(server).call.getVolume(volume('x')));
    expect(problem).toMatchObject({ ...sent.problem, message: 'no space (400 Bad Request)', said: 'no space' });
  });

  it('ignores a problem that is none', async () => {
    const server = await start((_request, response) =>
      response.writeHead(404).end('{"error":"gone","problem":{"code":1,"kind":"x"}}'),
    );
    expect(await problemOf(open(server).call.getVolume(volume('x')))).toMatchObject({
      code: 'core.refused',
      kind: 'notFound',
    });
  });
});

describe('a success that cannot be read', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['hello', "invalid character 'h' looking for beginning of value"],
    ['[]', 'json: cannot unmarshal array into Go value of type VolumeResponse'],
    [
      '{"volume":{"Config":{"name":5}}}',
      'json: cannot unmarshal number into Go struct field VolumeConfig.volume.Config.name of type string',
    ],
  ])('%j', async (body, message) => {
    const server = await start((_request, response) => response.writeHead(200).end(body));
    const problem = await problemOf(open(server).call.getVolume(volume('x')));
    expect(problem).toMatchObject({ code: 'core.unreadable', message });
  });
});

describe('a server that does not answer', () => {
  it('is named when nobody listens', async () => {
    const server = await start(() => undefined);
    await closers.pop()?.();
    const problem = await problemOf(open(server).call.listVolumes({ params: {}, signal }));
    expect(problem).toMatchObject({ code: 'server.unreachable', kind: 'unavailable' });
    expect(problem.message).toContain(`http://${server}`);
    expect(problem.message).toContain('ECONNREFUSED');
  });

  it('is no server of https when it speaks plain http', async () => {
    const server = await start((_request, response) => response.writeHead(200).end('{}'));
    const problem = await problemOf(open(`https://${server}`).call.listVolumes({ params: {}, signal }));
    expect(problem).toMatchObject({ code: 'server.unreachable', hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
  });

  it('is given up after the time limit', async () => {
    const server = await start(() => undefined);
    const problem = await problemOf(open(server, { timeoutMs: 50 }).call.listVolumes({ params: {}, signal }));
    expect(problem).toMatchObject({ code: 'server.timeout', kind: 'unavailable' });
    expect(problem.message).toContain('no answer within 0.05 s');
  });

  it('is left when the caller stops', async () => {
    const stop = new AbortController();
    const server = await start(() => stop.abort(new Problem('stop', 'interrupted', 'stopped by the user')));
    const problem = await problemOf(open(server).call.listVolumes({ params: {}, signal: stop.signal }));
    expect(problem).toMatchObject({ code: 'stop', kind: 'interrupted' });
  });

  it('may close the connection without an answer', async () => {
    const server = await start((request) => request.socket.destroy());
    expect(await problemOf(open(server).call.listVolumes({ params: {}, signal }))).toMatchObject({
      code: 'server.unreachable',
    });
  });
});

it('update node takes either status of success', async () => {
  for (const status of [200, 202]) {
    const server = await start((_request, response) => response.writeHead(status).end('{"name":"n"}'));
    expect(await open(server).call.updateNode({ params: { node: 'n' }, body: {}, signal })).toEqual({ name: 'n' });
  }
});

it('tells what goes over the wire to who asked', async () => {
  const lines: string[] = [];
  const server = await start((_request, response) => response.writeHead(201).end('{"backend":"u"}'));
  const core = open(server, {
    trace: (message) =>
      lines.push(message.direction === 'request' ? `> ${message.body}` : `< ${message.statusLine} ${message.body}`),
  });
  await core.call.addVolume({ params: {}, body: { name: 'v', size: '1Gi' }, signal });
  expect(lines).toEqual(['> {"name":"v","size":"1Gi"}', '< 201 Created {"backend":"u"}']);
});
