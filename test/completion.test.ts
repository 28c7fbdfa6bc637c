import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './support/run-cli.ts';

/** Completion of names: what a core tells, and nothing on the screen when it cannot. State is on disk, with the fake driver. */

let folder = '';
const fakeBackend = {
  version: 1,
  storageDriverName: 'fake',
  backendName: 'fake1',
  pools: { gold: { attributes: { snapshots: { offer: true } }, sizeBytes: 1e12 } },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'));
  await writeFile(join(folder, 'fake.json'), JSON.stringify(fakeBackend));
  const lines = [
    'create backend -f fake.json',
    'create storageclass gold --attribute backendType=fake',
    'create volume v1 --size 1Gi --storage-class gold',
    'create volume v2 --size 1Gi --storage-class gold',
    'create snapshot v1/monday',
    'create node worker --ip 192.0.2.7',
  ];
  for (const line of lines)
    expect(await runCli(line.split(' '), { directory: folder })).toMatchObject({ exit: 0, stderr: '' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What could stand for the last word, and the directive. */
const complete = async (words: readonly string[], environment: Readonly<Record<string, string>> = { HOME: folder }) => {
  const { exit, stdout, stderr } = await runCli(['__complete', ...words], { directory: folder, environment });
  expect({ exit, stderr }).toEqual({
    exit: 0,
    stderr: expect.stringMatching(/^Completion ended with directive: \w+\n$/),
  });
  const lines = stdout.trimEnd().split('\n');
  return { words: lines.slice(0, -1).map((line) => line.split('\t')[0]), directive: lines.at(-1) };
};

describe('names', () => {
  it.each([
    ['get backend', '', ['fake1']],
    ['get volume', '', ['v1', 'v2']],
    ['get volume', 'v2', ['v2']],
    ['get volume v1', '', ['v2']],
    ['get snapshot', 'v1/', ['v1/monday']],
    ['get storageclass', '', ['gold']],
    ['get node', '', ['worker']],
    ['get publication --node', '', ['worker']],
    ['get groupsnapshot', '', []],
    ['delete backend', '', ['fake1']],
    ['delete volume --all', '', ['v1', 'v2']],
    ['delete snapshot', '', ['v1/monday']],
    ['delete snapshot --volume', '', ['v1', 'v2']],
    ['update backend', '', ['fake1', 'state']],
    ['update backend fake1', '', []],
    ['update backend state', '', ['fake1']],
    ['update backend state fake1 --user-state', '', ['suspended', 'normal']],
    ['publish volume', '', ['v1', 'v2']],
    ['publish volume v1', '', ['worker']],
    ['publish volume v1 worker', '', []],
    ['unpublish volume -o json v1', '', ['worker']],
    ['restore snapshot', '', ['v1/monday']],
    ['import volume', '', ['fake1']],
    ['import volume fake1', '', []],
    ['create volume x --storage-class', 'g', ['gold']],
    ['create volume x', '--storage-class=g', ['--storage-class=gold']],
    ['create clone x --volume', '', ['v1', 'v2']],
    ['repair access --backend', '', ['fake1']],
    ['get volume -o', '', ['json', 'yaml', 'name', 'wide']],
    ['help get vol', '', []],
    ['help get', 'vol', ['volume']],
    ['help', 'h', []],
    ['help get volume', '', []],
    ['-v help get', 'vol', ['volume']],
    ['get volume -ojson', '', ['v1', 'v2']],
    ['get volume -o=json', '', ['v1', 'v2']],
    ['get volume', '-o', ['-o']],
    ['get volume', '-vow', ['-vowide']],
    ['get volume', '-o=w', ['-o=wide']],
    ['get volume', '-o=', ['-o=json', '-o=yaml', '-o=name', '-o=wide']],
    ['get volume -o -o', '', ['v1', 'v2']],
    ['get volume --nope -o', '', []],
    ['get --', '', []],
    ['get volume --', '', ['v1', 'v2']],
    ['get volume --', '-', []],
    ['get volume --log-level', 'de', ['debug']],
    ['update logconfig --log-level', 'f', ['fatal']],
    ['create volume x --file-system', 'e', ['ext4', 'ext3']],
    ['create volume x --access-mode', 'ReadO', ['ReadOnlyMany']],
    ['create node x --topology', '', []],
    ['simulator --personality', 'as', ['asa', 'asa-r2']],
    ['simulator', '--print-backend=ontap-s', ['--print-backend=ontap-san', '--print-backend=ontap-san-economy']],
    ['simulator set node', '', []],
    ['simulator set node x', 't', ['takeover']],
    ['simulator set interface x', '', ['down', 'up']],
  ])('tridentctl %s %j: %j', async (line, word, words) =>
    expect(await complete([...line.split(' '), word])).toEqual({ words, directive: ':4' }),
  );

  it('are those of the core that the line chooses', async () => {
    expect(await complete(['get', 'volume', '--state-dir', 'other', ''])).toMatchObject({ words: [] });
    expect(await complete(['--state-dir', '.local/state/tridentctl', 'get', 'volume', ''], {})).toMatchObject({
      words: ['v1', 'v2'],
    });
    const line = ['--state-dir', '.local/state/tridentctl', 'create', 'volume', 'x', '--storage-class'];
    expect(await complete([...line, ''], {})).toMatchObject({ words: ['gold'] });
  });

  it('with a dash in front are offered where they are no flags', async () => {
    const create = ['create', 'storageclass', '--attribute', 'media=ssd', '--state-dir', 'dashes', '--', '-dash'];
    expect(await runCli(create, { directory: folder })).toMatchObject({ exit: 0 });
    const line = ['--state-dir', 'dashes', 'get', 'storageclass'];
    expect(await complete([...line, ''])).toMatchObject({ words: [] });
    expect(await complete([...line, '--', '-'])).toMatchObject({ words: ['-dash'] });
    expect(await complete([...line, '--', ''])).toMatchObject({ words: ['-dash'] });
  });
});

describe('files', () => {
  it.each([
    'create backend -f',
    'update logconfig -f',
    'get volume --state-dir',
    'get volume -k',
    'simulator --topology',
    'simulator faults add -f',
    'simulator restore -f',
  ])('are left to the shell after tridentctl %s', async (line) =>
    expect(await complete([...line.split(' '), ''])).toEqual({ words: [], directive: ':0' }),
  );
});

describe('without an answer nothing is said, and nothing is made:', () => {
  it('no state yet', async () => {
    const home = join(folder, 'fresh');
    await mkdir(home);
    expect(await complete(['get', 'volume', ''], { HOME: home })).toEqual({ words: [], directive: ':4' });
    expect(await readdir(home)).toEqual([]);
  });

  it('no home at all', async () =>
    expect(await complete(['get', 'volume', ''], {})).toEqual({ words: [], directive: ':4' }));

  it('state that is none', async () => {
    const directory = join(folder, 'broken');
    await mkdir(directory);
    await writeFile(join(directory, 'state.db'), 'this is no database, whatever its name says'.repeat(100));
    const environment = { HOME: folder, TRIDENT_STATE_DIR: directory };
    expect(await complete(['get', 'volume', ''], environment)).toEqual({ words: [], directive: ':4' });
  });

  it('a server that is not there, a server that is no address, a cluster', async () => {
    for (const server of ['127.0.0.1:1', 'http://a b'])
      expect(await complete(['-s', server, 'get', 'volume', ''])).toMatchObject({ words: [] });
    await writeFile(join(folder, 'kubeconfig'), 'current-context: lab\n');
    expect(await complete(['-k', 'kubeconfig', 'get', 'volume', ''])).toMatchObject({ words: [] });
  });

  it('a server that never answers, for long', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    try {
      const words = ['-s', `127.0.0.1:${address.port}`, '-d', 'get', 'volume', ''];
      expect(await complete(words)).toEqual({ words: [], directive: ':4' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('a line that is wrong already', async () =>
    expect(await complete(['get', 'volume', '--nope', '--log-level', 'loud', ''])).toMatchObject({ directive: ':4' }));
});
