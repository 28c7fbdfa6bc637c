import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTree, type CommandNode } from '../src/cli/tree.ts';
import { startSimulatorPair } from '../src/simulator/simulator-pair.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { runCli } from './support/run-cli.ts';

/** The examples that help shows, run as they stand, in an order in which they make sense, on a simulated array. */

const order = [
  'create backend',
  'create storageclass',
  'create volume',
  'create snapshot',
  'restore snapshot',
  'create groupsnapshot',
  'create clone',
  'create volume-move',
  'create node',
  'import volume',
  'publish volume',
  'get backend',
  'get volume',
  'get snapshot',
  'get storageclass',
  'get node',
  'get publication',
  'get operation',
  'get groupsnapshot',
  'get autogrowpolicy',
  'get logconfig',
  'update backend',
  'update backend state',
  'update logconfig',
  'update node',
  'repair access',
  'mirror establish',
  'mirror status',
  'mirror update',
  'mirror promote',
  'mirror reestablish',
  'mirror release',
  'unpublish volume',
  'update volume',
  'recover',
  'version',
  'completion bash',
  'completion fish',
  'completion powershell',
  'completion zsh',
  'delete groupsnapshot',
  'delete snapshot',
  'delete volume',
  'delete node',
  'delete storageclass',
  'delete backend',
];

const walk = (node: CommandNode, path: string): readonly (readonly [string, CommandNode])[] => [
  [path, node],
  ...node.children.flatMap((child) => walk(child, `${path} ${child.name}`.trim())),
];
const loaded = await Promise.all(
  walk(commandTree, '').map(async ([path, node]) => [path, (await node.load?.())?.command.examples ?? []] as const),
);
// The simulator and the words below it have a test of their own.
const examples = new Map(loaded.filter(([path, lines]) => lines.length > 0 && !path.startsWith('simulator')));

const folder = await mkdtemp(join(tmpdir(), 'examples-'));
let simulator: Simulator;
let stop: () => Promise<void>;

beforeAll(async () => {
  // The other cluster has a volume that can be mirrored.
  const pair = await startSimulatorPair({});
  simulator = pair.first;
  stop = pair.stop;
  await pair.second.call('POST', '/storage/volumes', {
    name: 'trident_v1',
    size: 5 * 1024 ** 3,
    svm: { name: 'svm1' },
    aggregates: [{ name: 'aggr1_n1' }],
  });
  const file = await readFile(nasBackendFile(folder, simulator), 'utf8');
  // JSON is YAML.
  await writeFile(join(folder, 'backend.yaml'), file);
  await writeFile(join(folder, 'backend.json'), file);
  await writeFile(
    join(folder, 'pvc.yaml'),
    'kind: PersistentVolumeClaim\napiVersion: v1\nmetadata: {name: old, namespace: default}\nspec:\n  accessModes: [ReadWriteOnce]\n  storageClassName: gold\n',
  );
  for (const name of ['legacy', 'old_data']) {
    const size = 1024 ** 3;
    const body = { name, size, svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }], nas: { path: `/${name}` } };
    await simulator.call('POST', '/storage/volumes', body);
  }
});

afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

/** What examples say beside what they print. */
const talk: Readonly<Record<string, RegExp>> = {
  'tridentctl update logconfig --log-level debug --log-layers core,rest_frontend': /^note: .*a core that runs/,
};

const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '').slice(1);

describe('examples', () => {
  it('are all in the order', () => expect([...examples.keys()].sort()).toEqual([...order].sort()));

  it.each(order.flatMap((path) => examples.get(path) ?? []))('%s', async (example) => {
    const [line = '', input] = example.split(' < ');
    const stdin = input === undefined ? undefined : await readFile(join(folder, input), 'utf8');
    const result = await runCli(wordsOf(line), {
      directory: folder,
      environment: { HOME: folder },
      ...(stdin === undefined ? {} : { stdin }),
    });
    expect(result.stderr).toMatch(talk[example] ?? /^$/);
    expect(result.exit).toBe(0);
  });

  it('leave nothing behind', async () => {
    for (const what of ['backend', 'volume', 'snapshot', 'storageclass', 'node', 'publication']) {
      const result = await runCli(['get', what, '-o', 'name'], { directory: folder, environment: { HOME: folder } });
      expect(result).toMatchObject({ exit: 0, stdout: '' });
    }
  });
});
