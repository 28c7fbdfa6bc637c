import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locate, parseLine } from '../src/cli/argv.ts';
import type { Flags } from '../src/cli/command.ts';
import { globalFlags } from '../src/cli/global-flags.ts';
import { commandTree } from '../src/cli/tree.ts';
import { implementation, productVersion } from '../src/version.ts';
import { runCli, type CliOptions } from './support/run-cli.ts';

/** What holds for every command: help, errors, exit statuses, streams. State is on disk, with the fake driver. */

let folder = '';
const tridentctl = (line: string, options: Partial<CliOptions> = {}) =>
  runCli(line.split(' '), { directory: folder, environment: { HOME: folder }, ...options });

const fakeBackend = {
  version: 1,
  storageDriverName: 'fake',
  backendName: 'fake1',
  pools: { gold: { attributes: { media: { offer: ['ssd'] } }, sizeBytes: 1e12 } },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  await writeFile(join(folder, 'fake.json'), JSON.stringify(fakeBackend));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('help', () => {
  const recordedFlag = v.object({ name: v.string(), short: v.nullable(v.string()), type: v.string() });
  const recorded = v.array(
    v.object({
      command: v.string(),
      aliases: v.array(v.string()),
      flags: v.array(recordedFlag),
      subcommands: v.array(v.string()),
    }),
  );

  it('knows every alias, flag and word that stock’s help lists for our commands', async () => {
    const file = await readFile(new URL('fixtures/golden-cli/help.json', import.meta.url), 'utf8');
    const missing: string[] = [];
    for (const { command, aliases, flags } of v.parse(recorded, JSON.parse(file))) {
      const words = command.split(' ').slice(1);
      if (words[0] === 'help') continue;
      const { path, rest } = locate(commandTree, words, globalFlags);
      const node = path.at(-1);
      if (node === undefined || rest.length > 0) {
        missing.push(command);
        continue;
      }
      const ours: Flags = { ...globalFlags, ...(await node.load?.())?.command.flags };
      for (const alias of aliases)
        if (![node.name, ...node.aliases].includes(alias)) missing.push(`${command}: ${alias}`);
      for (const { name, short, type } of flags) {
        const flag = ours[name];
        if (flag === undefined || (flag.short ?? null) !== short || (flag.kind === 'boolean') !== (type === 'bool'))
          missing.push(`${command}: --${name}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it.each(['get', 'get --help', 'help get', '-h get'])('%s prints the same help', async (line) => {
    const { stdout: expected } = await tridentctl('help get');
    expect(await tridentctl(line)).toEqual({ exit: 0, stdout: expected, stderr: '' });
  });

  it('lists nodes and publications, too', async () => {
    expect((await tridentctl('get --help')).stdout).toMatch(/^ {2}node .*\n(?:.*\n)* {2}publication /m);
    expect((await tridentctl('update --help')).stdout).toMatch(/^ {2}node /m);
  });

  it('of a command wins over everything else on the line', async () =>
    expect(await tridentctl('get volume --subordinateOf a --parentOfSubordinate b --help')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('tridentctl get volume [<name>...] [flags]'),
      stderr: '',
    }));
});

describe('completion', () => {
  it.each([
    [['get', 'v'], ['volume']],
    [
      ['get', 'volume', '-o', ''],
      ['json', 'yaml', 'name', 'wide'],
    ],
    [['update', 'backend', ''], ['state']],
    [['get', 'volume', '--sub'], ['--subordinateOf']],
    [['-s', ''], []],
  ])('of %j is %j', async (words, candidates) => {
    const { stdout } = await runCli(['__complete', ...words], { directory: folder });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe(':4');
    expect(lines.slice(0, -1).map((line) => line.split('\t')[0])).toEqual(candidates);
  });

  it('leaves file names to the shell', async () =>
    expect((await runCli(['__complete', 'create', 'backend', '-f', ''], { directory: folder })).stdout).toBe(':0\n'));
});

it('says that settings for a log do not outlast the engine in this program', async () => {
  const { exit, stderr } = await tridentctl('update logconfig --log-level debug');
  expect(exit).toBe(0);
  expect(stderr).toMatch(/^note: the settings are those of a core that runs/);
});

it('says which patterns of a class match nothing', async () => {
  const made = await tridentctl('create storageclass odd --storage-pools fake1:(,gold;*:x -o name');
  expect(made).toEqual({
    exit: 0,
    stdout: 'odd\n',
    stderr: [
      'note: "(" is no regular expression, and matches nothing\n',
      'note: "*" is no regular expression, and matches nothing\n',
    ].join(''),
  });
});

describe('a class that no pool satisfies', () => {
  const inState = (line: string) => tridentctl(`${line} --state-dir unsatisfied`);
  const create = (name: string, more = '') =>
    inState(`create storageclass ${name} --attribute media=hdd -o name${more}`);

  it('is made without a word where there are no backends', async () =>
    expect(await create('first')).toEqual({ exit: 0, stdout: 'first\n', stderr: '' }));

  it('is made, with one note that says so and where to look', async () => {
    expect(await inState('create backend -f fake.json')).toMatchObject({ exit: 0 });
    expect(await create('bronze')).toEqual({
      exit: 0,
      stdout: 'bronze\n',
      stderr:
        'note: no pool of the backends that are online satisfies storage class bronze; compare what it asks for with the ' +
        'names, labels and attributes of their pools: tridentctl get backend -o json\n',
    });
    const fits = await inState('create storageclass gold --attribute media=ssd -o name');
    expect(fits).toEqual({ exit: 0, stdout: 'gold\n', stderr: '' });
  });
});

describe('errors', () => {
  it.each([
    ['an unknown word', 'get volumess', 'unknown command "volumess" for "tridentctl get"', 2],
    ['a command of later', 'install', 'tridentctl install works on a Kubernetes cluster', 5],
    ['an unknown flag', 'get volume --nope', 'unknown flag: --nope', 2],
    ['something that is not there', 'get volume nope', 'could not get volume nope: volume nope', 3],
    ['a missing file', 'create backend -f nope.yaml', 'open nope.yaml: no such file or directory', 2],
    [
      'no server',
      'get volume -s 127.0.0.1:9',
      'could not communicate with the Trident REST API at http://127.0.0.1:9',
      8,
    ],
    ['no address', 'get volume -s http://', '"http://" is not the address of a server', 2],
    [
      'an access mode that is none',
      'publish volume v1 n1 --access-mode ReadWriteOnce',
      '--access-mode is no access mode of CSI: "ReadWriteOnce"\nhint: write one of SINGLE_NODE_WRITER, ',
      2,
    ],
    ['no mirror', 'mirror status', 'volume name not specified', 2],
    [
      'a group without its prefix',
      'get groupsnapshot nightly',
      'invalid group snapshot ID nightly: invalid group snapshot ID format: nightly\nhint: the IDs of group snapshots begin so: groupsnapshot-nightly\n',
      2,
    ],
    ['an empty file', 'create volume v1 -f /dev/null', '/dev/null: the document is empty', 2],
    ['a clone of nothing', 'create clone c1', 'no volume to clone: give --volume', 2],
    ['a time that is none', 'serve --poll-interval -1', '--poll-interval is a number of seconds from 0', 2],
    ['a time no timer can wait for', 'serve --poll-interval 3000000', '--poll-interval is a number of seconds', 2],
    ['a core elsewhere that is to be run here', 'serve -s 127.0.0.1:8000', '--server is where commands find a core', 2],
    ['an unknown log level', 'get volume --log-level loud', 'unknown log level "loud"', 2],
  ])('say %s in one line, and exit with 1 or in detail', async (_what, line, message, status) => {
    const result = await tridentctl(line);
    expect(result).toMatchObject({ exit: 1, stdout: '' });
    expect(result.stderr).toContain(`Error: ${message}`);
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect((await tridentctl(`${line} --exit-status detailed`)).exit).toBe(status);
    const environment = { HOME: folder, TRIDENTCTL_EXIT_STATUS: 'detailed' };
    expect((await tridentctl(line, { environment })).exit).toBe(status);
  });

  it.each([
    ['get pvc', 'unknown command "pvc" for "tridentctl get"\nRun '],
    ['get vpu', 'unknown command "vpu" for "tridentctl get"\n\nDid you mean this?\n\tpublication\n'],
    ['get volumez --all', 'unknown command "volumez" for "tridentctl get"\n\nDid you mean this?\n\tvolume\n'],
    ['-- get volume', "Run 'tridentctl --help' for usage.\nhint: what follows -- is taken for arguments"],
    ['--dry-run delete volume v1', 'unknown flag: --dry-run\nhint: flags of a command are written after its words'],
    ['--bogus', 'unknown flag: --bogus\n'],
    ['help --bogus', 'unknown flag: --bogus\n'],
    ['logs -a -n trident', 'tridentctl logs works on a Kubernetes cluster'],
    ['send autosupport --help', 'tridentctl send works on a Kubernetes cluster'],
  ])('say what is wrong with %j', async (line, message) => {
    const { exit, stdout, stderr } = await tridentctl(line);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('offer no word for an empty one', async () =>
    expect((await runCli(['get', ''], { directory: folder })).stderr).toBe(
      `Error: unknown command "" for "tridentctl get"\nRun 'tridentctl get --help' for usage.\n`,
    ));

  it('say that plug-ins are not run', async () => {
    await writeFile(join(folder, 'tridentctl-hello'), '#!/bin/sh\n', { mode: 0o755 });
    await writeFile(join(folder, 'tridentctl-text'), '');
    const environment = { HOME: folder, PATH: `/nowhere:${folder}` };
    expect((await tridentctl('hello --loud', { environment })).stderr).toBe(
      `Error: tridentctl hello is a plug-in, of which this release runs none\nhint: run it by itself: ${folder}/tridentctl-hello\n`,
    );
    for (const word of ['text', '../hello'])
      expect((await tridentctl(word, { environment })).stderr).toContain(`unknown command "${word}"`);
  });

  it('refuse a mistyped wish for exit statuses in the environment', async () => {
    const environment = { HOME: folder, TRIDENTCTL_EXIT_STATUS: 'detail' };
    expect(await tridentctl('version --client', { environment })).toMatchObject({
      exit: 1,
      stderr: 'Error: TRIDENTCTL_EXIT_STATUS is simple or detailed, not "detail"\n',
    });
    expect((await tridentctl('version --client --exit-status simple', { environment })).exit).toBe(0);
  });

  it.each(['-d', '-vd', '-do name', '--debug', '--debug=true', '--log-level debug'])(
    'say where they come from with %s',
    async (flag) => {
      expect((await tridentctl(`get volume nope ${flag}`)).stderr).toContain(
        'code: volume.not-found, kind: notFound\n',
      );
      for (const line of ['get volume nope --debug=false', 'get volume nope -d --debug=false'])
        expect((await tridentctl(line)).stderr).not.toContain('code: ');
    },
  );

  it('show control characters and let none of them act', async () => {
    const { stderr } = await runCli(['get', 'volume', 'x\u001b[31m\rred'], {
      directory: folder,
      environment: { HOME: folder },
    });
    expect(stderr).toBe('Error: could not get volume x␛[31m␍red: volume x␛[31m␍red was not found\n');
  });

  it('in a file name file and line, and what was meant', async () => {
    await writeFile(join(folder, 'typo.yaml'), 'version: 1\nstorageDriverName: fake\nbackendNam: x\npools: {}\n');
    const { stderr, exit } = await tridentctl('create volume v1 -f typo.yaml');
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Error: typo\.yaml:\d+: volume: unknown key /);
  });

  it('in a file that describes a clone find its source as every other key', async () => {
    await writeFile(join(folder, 'clone.yaml'), 'name: c1\nVolume: v9\n');
    expect(await tridentctl('create clone -f clone.yaml')).toMatchObject({
      stderr: 'Error: could not create clone c1 of volume v9: source volume not found: v9\n',
    });
    await writeFile(join(folder, 'clone.yaml'), 'name: c1\nvolume: 9\n');
    expect(await tridentctl('create clone -f clone.yaml')).toMatchObject({
      stderr: expect.stringContaining('Error: clone.yaml:2: '),
    });
  });

  it('of ours print one line, how to report them, and a stack with -d only', async () => {
    const terminal = { readInput: () => Promise.reject(new TypeError('the input is broken')) };
    const quiet = await tridentctl('create backend -f -', { terminal });
    expect(quiet.exit).toBe(1);
    expect(quiet.stderr).toMatch(/^Error: internal error: the input is broken\nhint: .*report.*\n$/);
    expect((await tridentctl('create backend -f - -d', { terminal })).stderr).toMatch(/^ {4}at /m);
  });

  it('say that the command was interrupted, and what to do', async () => {
    const result = await tridentctl('get volume', { signal: AbortSignal.abort() });
    expect(result.exit).toBe(130);
    expect(result.stderr).toMatch(/^Error: interrupted\nhint: /);
  });
});

describe('streams', () => {
  beforeAll(async () => {
    await tridentctl('create backend -f fake.json');
  });

  it('say who answers on a terminal, or when asked', async () => {
    expect((await tridentctl('get backend')).stderr).toBe('');
    const expected = expect.stringContaining('note: using embedded engine (state in ');
    expect((await tridentctl('get backend -v')).stderr).toEqual(expected);
    expect((await tridentctl('get backend', { terminal: { errIsTTY: true } })).stderr).toEqual(expected);
  });

  it('colour states on a terminal that wants colour, and change nothing else', async () => {
    const plain = await tridentctl('get backend');
    const tty = { outIsTTY: true, width: 200 };
    const coloured = await tridentctl('get backend', { terminal: { ...tty, colour: true } });
    expect(coloured.stdout).toContain('\u001b[32monline\u001b[39m');
    expect(stripVTControlCharacters(coloured.stdout)).toBe(plain.stdout);
    expect((await tridentctl('get backend', { terminal: { ...tty, colour: false } })).stdout).toBe(plain.stdout);
    expect((await tridentctl('get backend', { terminal: { colour: true } })).stdout).toBe(plain.stdout);
  });

  it('keep tables within the terminal', async () => {
    const { stdout } = await tridentctl('get backend', { terminal: { outIsTTY: true, width: 80 } });
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('show progress on a terminal and take it away again', async () => {
    await tridentctl('create storageclass any -o name');
    const { stderr } = await tridentctl('create volume v1 --size 1Gi --storage-class any', {
      terminal: { errIsTTY: true, talkWidth: 30 },
    });
    expect(stderr).toContain('\r\u001b[K… create v1 (1073741824 byt…');
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
    // Where no line can be taken away again there is none.
    const dumb = { terminal: { errIsTTY: true } };
    expect((await tridentctl('create volume v2 --size 1Gi --storage-class any', dumb)).stderr).not.toContain('\r');
    await tridentctl('delete volume v2');
  });

  it('hold data only, whatever -d says on the other', async () => {
    const result = await tridentctl('get volume -d -o json');
    expect(JSON.parse(result.stdout)).toMatchObject({ items: [{ Config: { name: 'v1' } }] });
  });

  it('name the backend of what was made in wide tables', async () => {
    const made = await tridentctl('create volume wide1 --size 1Gi --storage-class any -o wide');
    expect(made.stdout).toContain('│ fake1   │');
    expect((await tridentctl('create clone wide2 --volume wide1 -o wide')).stdout).toContain('│ fake1   │');
    expect((await tridentctl('delete volume wide2 wide1')).stderr).toBe('');
  });

  it('say why what was deleted is there still', async () => {
    const waiting = (line: string) => tridentctl(`${line} --state-dir waiting`);
    for (const line of [
      'create backend -f fake.json',
      'create storageclass any',
      'create volume held --size 1Gi --storage-class any',
      ...[1, 2, 3, 4].map((number) => `create snapshot held/s${number}`),
    ])
      expect((await waiting(line)).exit).toBe(0);
    expect(await waiting('delete volume held')).toEqual({
      exit: 0,
      stdout: '',
      stderr:
        'note: volume held is marked as deleting; it goes with the last of what depends on it: snapshot held/s1, snapshot held/s2, snapshot held/s3 and 1 more\n',
    });
    expect((await waiting('delete backend fake1')).stderr).toBe(
      'note: backend fake1 is marked as deleting; it goes with the last of its volumes (1 now)\n',
    );
    expect((await waiting('delete snapshot --volume held')).stderr).toBe('');
    expect((await waiting('get backend -o name')).stdout).toBe('');
  });

  it('say that a format is unknown, and show the table', async () => {
    const result = await tridentctl('get volume -o jsn');
    expect(result.stdout).toContain('│ v1 ');
    expect(result.stderr).toBe('note: "jsn" is no output format (json, yaml, name, wide); showing the table\n');
  });
});

describe('modes', () => {
  it('refuse a cluster, and say how to choose another', async () => {
    const path = join(folder, 'kubeconfig');
    await writeFile(path, 'current-context: lab\n');
    for (const [line, environment, message] of [
      ['get volume', { HOME: folder, KUBECONFIG: `/nowhere:${path}` }, `${path} names a cluster`],
      [`get volume -k ${path}`, { HOME: folder }, '--kubeconfig asks for Trident in a cluster'],
      ['get volume -k /nowhere', { HOME: folder }, '--kubeconfig asks for Trident in a cluster'],
    ] as const) {
      const result = await tridentctl(line, { environment });
      expect(result).toMatchObject({ exit: 1, stdout: '' });
      expect(result.stderr).toContain(`Error: ${message}`);
      expect(result.stderr).toMatch(/\nhint: .*--server.*--embedded/);
    }
  });

  it('keep the state where it was asked for, for its owner only', async () => {
    const result = await tridentctl('create backend -f fake.json --state-dir elsewhere -o name');
    expect(result).toMatchObject({ exit: 0, stdout: 'fake1\n' });
    expect((await tridentctl('get backend -o name --state-dir elsewhere')).stdout).toBe('fake1\n');
    expect((await tridentctl('get volume -o name --state-dir elsewhere')).stdout).toBe('');
  });

  it('say so when the state cannot be kept there', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await chmod(path, 0o600);
    const result = await tridentctl(`get volume --state-dir ${path}`);
    expect(result.exit).toBe(1);
    expect(result.stderr).toMatch(/^Error: .*file/);
  });
});

it('has the version of its package', async () => {
  const file: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  expect(file).toMatchObject({ version: productVersion });
  expect(JSON.parse((await tridentctl('version --client -o json')).stdout)).toMatchObject({
    client: { implementation },
  });
});

it('reads a line of many flags as one of few', () =>
  expect(parseLine(['-vd'], globalFlags).flags.map((flag) => flag.name)).toEqual(['verbose', 'debug']));
