import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startRecordingServer, type RecordedExchange } from './support/recording-server.ts';
import { runCli } from './support/run-cli.ts';

const volume = (name: string) => ({ Config: { version: '1', name, size: '1073741824' }, state: 'online' });
const names = Array.from({ length: 100 }, (_, index) => `v${index}`);

/** How many requests a listing takes. */
describe('get volume', () => {
  it('asks a core of ours for all volumes at once', async () => {
    await using server = await startRecordingServer([
      {
        method: 'GET',
        path: '/trident/v1/volume',
        status: 200,
        responseBody: JSON.stringify({ volumes: names, details: '/details/volume' }),
      },
      {
        method: 'GET',
        path: '/trident/v1/details/volume',
        status: 200,
        responseBody: JSON.stringify({ volumes: names.map(volume) }),
      },
    ]);
    const line = ['get', 'volume', '-o', 'name', '-s', `127.0.0.1:${server.port}`];
    const result = await runCli(line, { directory: tmpdir() });
    expect(result.stdout.trim().split('\n')).toEqual(names);
    expect(server.received.length).toBe(2);
  });

  it('asks another core for each, and keeps the order', async () => {
    await using server = await startRecordingServer([
      { method: 'GET', path: '/trident/v1/volume', status: 200, responseBody: JSON.stringify({ volumes: names }) },
      ...names.map((name) => ({
        method: 'GET',
        path: `/trident/v1/volume/${name}`,
        status: 200,
        responseBody: JSON.stringify({ volume: volume(name) }),
      })),
    ]);
    const line = ['get', 'volume', '-o', 'name', '-s', `127.0.0.1:${server.port}`];
    const result = await runCli(line, { directory: tmpdir() });
    expect(result.stdout.trim().split('\n')).toEqual(names);
    expect(server.received.length).toBe(101);
  });
});

describe('delete volume --all', () => {
  const listed = (...volumes: readonly string[]) => ({
    method: 'GET',
    path: '/trident/v1/volume',
    status: 200,
    responseBody: JSON.stringify({ volumes }),
  });
  const remove = (name: string, status: number, error = '') => ({
    method: 'DELETE',
    path: `/trident/v1/volume/${name}`,
    status,
    responseBody: error === '' ? '{}' : JSON.stringify({ error }),
  });
  const deleteAll = async (exchanges: readonly RecordedExchange[]) => {
    await using server = await startRecordingServer(exchanges);
    const result = await runCli(['delete', 'volume', '--all', '-s', `127.0.0.1:${server.port}`], {
      directory: tmpdir(),
    });
    const calls = server.received.map(({ method, path }) => `${method} ${path.slice('/trident/v1'.length)}`);
    return { result, calls };
  };
  const comesBack = ['GET /volume', 'DELETE /volume/a', 'DELETE /volume/b', 'DELETE /volume/a'];

  it.each([
    ['is deleted then', remove('a', 200), comesBack],
    ['went with those', remove('a', 404, 'volume a not found'), [...comesBack, 'GET /volume']],
  ])('comes back to what others still depended on, which %s', async (_what, last, calls) => {
    const exchanges = [listed('a', 'b'), listed(), remove('a', 409, 'a has the clone b'), remove('b', 200), last];
    const done = { exit: 0, stdout: '', stderr: '' };
    expect(await deleteAll(exchanges)).toEqual({ result: done, calls });
  });

  it('fails where what was not found is listed still', async () => {
    const { result } = await deleteAll([listed('a', 'b'), remove('a', 404, 'svm svm0 not found'), remove('b', 200)]);
    expect(result).toMatchObject({ exit: 1, stdout: '' });
    expect(result.stderr).toContain('could not delete volume a: svm svm0 not found');
  });
});
