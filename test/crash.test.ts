import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Simulator } from '../src/simulator/contract.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { DyingCall } from './support/dying.ts';
import { die, pointsOf } from './support/dying.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { runCli } from './support/run-cli.ts';

/**
 * The process is killed (SIGKILL) at each point of each operation: before and after every write of the journal, and
 * after the array did the work but before we recorded it. Whatever the next command finishes or undoes, records and
 * array agree afterwards, and the operation can be done again.
 */

interface Case extends DyingCall {
  readonly name: string;
  /** Command lines that make what the operation needs. */
  readonly before: readonly (readonly string[])[];
  /** The same thing asked of the command afterwards; it may answer that it is done already. */
  readonly again: readonly string[];
  readonly volumes: readonly string[];
  readonly snapshots?: readonly string[];
}

const create = (name: string) => ['create', 'volume', name, '--size', '1Gi', '--storage-class', 'gold'] as const;
const cases: readonly Case[] = [
  {
    name: 'create',
    operation: 'addVolume',
    before: [],
    call: { params: {}, body: { name: 'v1', size: '1Gi', storageClass: 'gold', volumeMode: 'Filesystem' } },
    again: create('v1'),
    volumes: ['v1'],
  },
  {
    name: 'clone',
    operation: 'cloneVolume',
    before: [create('v1'), ['create', 'snapshot', 'v1/s1']],
    call: { params: { volume: 'v1' }, body: { name: 'c1', snapshot: 's1' } },
    again: ['create', 'clone', 'c1', '--volume', 'v1', '--snapshot', 's1'],
    volumes: ['c1', 'v1'],
    snapshots: ['v1/s1'],
  },
  {
    name: 'resize',
    operation: 'resizeVolume',
    before: [create('v1')],
    call: { params: { volume: 'v1' }, body: { size: '3Gi' } },
    again: ['update', 'volume', 'v1', '--size', '3Gi'],
    volumes: ['v1'],
  },
  {
    name: 'import',
    operation: 'importVolume',
    before: [],
    call: { params: {}, body: { backend: 'nas1', internalName: 'legacy', name: 'v1', storageClass: 'gold' } },
    again: ['import', 'volume', 'nas1', 'legacy', '--name', 'v1', '--storage-class', 'gold'],
    volumes: ['v1'],
  },
  {
    name: 'publish',
    operation: 'publishVolume',
    before: [create('v1'), ['create', 'node', 'n1', '--ip', '10.0.0.1']],
    call: { params: { volume: 'v1', node: 'n1' }, body: {} },
    again: ['publish', 'volume', 'v1', 'n1'],
    volumes: ['v1'],
  },
  {
    name: 'snapshot',
    operation: 'addSnapshot',
    before: [create('v1')],
    call: { params: {}, body: { volumeName: 'v1', name: 's1' } },
    again: ['create', 'snapshot', 'v1/s1'],
    volumes: ['v1'],
    snapshots: ['v1/s1'],
  },
  {
    name: 'delete',
    operation: 'deleteVolume',
    before: [create('v1')],
    call: { params: { volume: 'v1' } },
    again: ['delete', 'volume', 'v1'],
    volumes: [],
  },
];

let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tridentctl-crash-'));
  simulator = await startSimulator({});
});
afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A fresh array and a fresh state directory with one backend and one class. */
const furnish = async (
  name: string,
): Promise<{ directory: string; cli: (line: readonly string[]) => Promise<string> }> => {
  await simulator.stop();
  simulator = await startSimulator({});
  const directory = join(folder, name);
  const cli = async (line: readonly string[]) => {
    const result = await runCli([...line, '--state-dir', directory, '--embedded'], { directory: folder });
    if (result.exit !== 0) throw new Error(`${line.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  await cli(['create', 'backend', '-f', nasBackendFile(folder, simulator)]);
  await cli(['create', 'storageclass', 'gold']);
  const reply = await simulator.call('POST', '/storage/volumes?return_timeout=15', {
    name: 'legacy',
    size: 1024 ** 3,
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
    nas: { path: '/legacy' },
  });
  expect(reply.status).toBeLessThan(300);
  return { directory, cli };
};

/** Names that a list command prints, sorted. */
const names = (text: string): readonly string[] => text.split('\n').filter(Boolean).sort();

/** No orphan and no ghost: every record has its object, every object its record. */
const expectAgreement = async (cli: (line: readonly string[]) => Promise<string>) => {
  const { items } = JSON.parse(await cli(['get', 'volume', '-o', 'json']));
  const recorded: string[] = items.map((item: { Config: { internalName: string } }) => item.Config.internalName).sort();
  const onArray = simulator.world
    .volumes()
    .filter((volume) => volume.svm === 'svm0' && volume.name.startsWith('trident_'))
    .map((volume) => volume.name)
    .sort();
  expect(onArray).toEqual(recorded);
  for (const item of items)
    expect(simulator.world.findVolume(item.Config.internalName)?.sizeBytes).toBe(Number(item.Config.size));
  const open = JSON.parse(await cli(['get', 'operation', '-o', 'json'])).items.filter(
    (operation: { outcome: string }) => operation.outcome === 'open' || operation.outcome === 'stuck',
  );
  expect(open).toEqual([]);
  simulator.world.verify();
};

describe.each(cases)('killed during $name', (one) => {
  it('is finished or undone by the next command, at every point', async () => {
    const { directory, cli } = await furnish(`${one.name}-points`);
    for (const line of one.before) await cli(line);
    const points = await pointsOf(directory, one);
    expect(points.length).toBeGreaterThan(2);

    for (const [index, point] of points.entries()) {
      const world = await furnish(`${one.name}-${index}`);
      for (const line of one.before) await world.cli(line);
      expect(await die(world.directory, one, point), point).toBe('killed');
      await world.cli(['create', 'node', 'passer-by', '--ip', '10.9.9.9']);
      await expectAgreement(world.cli);
      const again = await runCli([...one.again, '--state-dir', world.directory, '--embedded'], { directory: folder });
      expect(
        again.exit === 0 || /already exists|not found|already/.test(again.stderr),
        `${point}: ${again.stderr}`,
      ).toBe(true);
      await expectAgreement(world.cli);
      expect(names(await world.cli(['get', 'volume', '-o', 'name'])), point).toEqual(one.volumes);
      expect(names(await world.cli(['get', 'snapshot', '-o', 'name'])), point).toEqual(one.snapshots ?? []);
    }
  }, 300_000);
});
