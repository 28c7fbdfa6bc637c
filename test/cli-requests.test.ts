import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startRecordingServer } from './support/recording-server.ts';
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

it.each([
  ['is deleted then', 200, ''],
  ['went with those', 404, 'volume a not found'],
])(
  'delete volume --all comes back to what others still depended on, which %s',
  async (_what, lastStatus, lastError) => {
    const remove = (name: string, status: number, error = '') => ({
      method: 'DELETE',
      path: `/trident/v1/volume/${name}`,
      status,
      responseBody: error === '' ? '{}' : JSON.stringify({ error }),
    });
    await using server = await startRecordingServer([
      { method: 'GET', path: '/trident/v1/volume', status: 200, responseBody: JSON.stringify({ volumes: ['a', 'b'] }) },
      remove('a', 409, 'a has the clone b'),
      remove('b', 200),
      remove('a', lastStatus, lastError),
    ]);
    const line = ['delete', 'volume', '--all', '-s', `127.0.0.1:${server.port}`];
    expect(await runCli(line, { directory: tmpdir() })).toEqual({ exit: 0, stdout: '', stderr: '' });
    expect(server.received.map(({ method, path }) => `${method} ${path.slice('/trident/v1'.length)}`)).toEqual([
      'GET /volume',
      'DELETE /volume/a',
      'DELETE /volume/b',
      'DELETE /volume/a',
    ]);
  },
);
