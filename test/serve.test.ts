import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli, type CliOptions } from './support/run-cli.ts';

/** What `serve` says of itself. */

let folder = '';
const tridentctl = (line: string, options: Partial<CliOptions> = {}) =>
  runCli(line.split(' '), { directory: folder, environment: { HOME: folder }, ...options });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('serves without ever looking at backends when asked to', async () => {
  const stop = new AbortController();
  const said: string[] = [];
  const out = (text: string) => {
    said.push(text);
    stop.abort();
  };
  const options = { signal: stop.signal, terminal: { out } };
  expect(await tridentctl('serve --port 0 --poll-interval 0', options)).toMatchObject({ exit: 0 });
  expect(said).toEqual([expect.stringContaining('Serving the REST API at http://127.0.0.1:')]);
});

it('makes no state directory for a server that cannot be', async () => {
  const { exit, stderr } = await tridentctl('serve --port x --state-dir none-yet');
  expect([exit, stderr]).toEqual([1, 'Error: --port is a number from 0 to 65535, not "x"\n']);
  expect(await readdir(folder)).not.toContain('none-yet');
});

it('says where it serves, also in JSON and for metrics', async () => {
  for (const more of ['', ' -o json']) {
    const stop = new AbortController();
    let said = '';
    const result = await tridentctl(`serve --port 0 --metrics-port 0${more}`, {
      signal: stop.signal,
      terminal: {
        out: (text) => {
          said += text;
          stop.abort();
        },
      },
    });
    expect(result.exit, result.stderr).toBe(0);
    if (more === '')
      expect(said).toMatch(
        /^Serving the REST API at http:\/\/127\.0\.0\.1:\d+\/trident\/v1\nServing metrics at http:\/\/127\.0\.0\.1:\d+\/metrics\n$/,
      );
    else
      expect(JSON.parse(said)).toEqual({
        url: expect.stringMatching(/^http:.*\/trident\/v1$/),
        metricsUrl: expect.stringMatching(/^http:.*\/metrics$/),
        stateDirectory: join(folder, '.local/state/tridentctl'),
      });
  }
});

it('names the flag of the port that is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { stderr } = await tridentctl(`serve --port 0 --metrics-port ${port}`);
  taken.close();
  expect(stderr).toBe(
    `Error: port ${port} of 127.0.0.1 is in use\nhint: choose another with --metrics-port, or --metrics-port 0 for a free one\n`,
  );
});
