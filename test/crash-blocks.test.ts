import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulatorOptions, Simulator } from '../src/simulator/contract.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { node } from './conformance/driver-bench.ts';
import { fcp } from './conformance/san-drivers.ts';
import { die, pointsOf } from './support/dying.ts';
import { nasBackend } from './support/nas-backend.ts';
import { runCli } from './support/run-cli.ts';

/**
 * Processes that make, publish and delete LUNs over Fibre Channel and namespaces over NVMe are killed (SIGKILL) at each point
 * of what they do. The next command finishes or undoes it; then records and array agree, maps included.
 */

interface Product {
  readonly name: string;
  readonly sanType: string;
  readonly array: SimulatorOptions;
  /** Collection of the devices; the name of one tells the volume that it is. */
  readonly devices: string;
  /** Query for what maps devices to nodes. */
  readonly maps: string;
  /** Igroups or subsystems: none is left in the end. */
  readonly groups: string;
}

const products: readonly Product[] = [
  {
    name: 'Fibre Channel',
    sanType: 'fcp',
    array: fcp.array ?? {},
    devices: '/storage/luns',
    maps: '/protocols/san/lun-maps?fields=lun.name',
    groups: '/protocols/san/igroups',
  },
  {
    name: 'NVMe/TCP',
    sanType: 'nvme',
    array: {},
    devices: '/storage/namespaces',
    maps: '/protocols/nvme/subsystem-maps?fields=namespace.name',
    groups: '/protocols/nvme/subsystems',
  },
];

interface Case {
  readonly name: string;
  readonly operation: string;
  readonly before: readonly ((volume: string) => readonly string[])[];
  readonly call: (volume: string) => object;
  /** The same asked of the command afterwards; it may answer that it is done already. */
  readonly again: (volume: string) => readonly string[];
  readonly after: { readonly there: boolean; readonly mapped: boolean };
}

const create = (volume: string) => ['create', 'volume', volume, '--size', '1Gi', '--storage-class', 'gold'];
const publish = (volume: string) => ['publish', 'volume', volume, 'n1'];
const withVolume = (volume: string) => ({ params: { volume } });

const cases: readonly Case[] = [
  {
    name: 'create',
    operation: 'addVolume',
    before: [],
    call: (name) => ({
      params: {},
      body: { name, size: '1Gi', storageClass: 'gold', volumeMode: 'Filesystem', accessMode: 'ReadWriteOnce' },
    }),
    again: create,
    after: { there: true, mapped: false },
  },
  {
    name: 'publish',
    operation: 'publishVolume',
    before: [create],
    call: (volume) => ({ params: { volume, node: 'n1' }, body: {} }),
    again: publish,
    after: { there: true, mapped: true },
  },
  {
    name: 'unpublish',
    operation: 'unpublishVolume',
    before: [create, publish],
    call: (volume) => ({ params: { volume, node: 'n1' } }),
    again: (volume) => ['unpublish', 'volume', volume, 'n1'],
    after: { there: true, mapped: false },
  },
  {
    name: 'delete',
    operation: 'deleteVolume',
    before: [create],
    call: withVolume,
    again: (volume) => ['delete', 'volume', volume],
    after: { there: false, mapped: false },
  },
];

describe.each(products)('over $name, killed during', ({ sanType, array, devices, maps, groups }) => {
  let folder: string;
  let simulator: Simulator;
  let rounds = 0;

  const attempt = (line: readonly string[]) =>
    runCli([...line, '--state-dir', join(folder, 'state'), '--embedded'], { directory: folder });
  const cli = async (line: readonly string[]): Promise<string> => {
    const result = await attempt(line);
    if (result.exit !== 0) throw new Error(`${line.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  const file = (name: string, content: object): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
    return path;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tridentctl-kill-'));
    simulator = await startSimulator(array);
    const { autoExportPolicy: _none, ...onArray } = nasBackend(simulator);
    await cli(['create', 'backend', '-f', file('backend', { ...onArray, storageDriverName: 'ontap-san', sanType })]);
    await cli(['create', 'storageclass', 'gold']);
    const { iqn, nqn, ips, hostWWPNMap } = node('n1', '10.0.0.1');
    await cli(['create', 'node', '-f', file('node', { name: 'n1', iqn, nqn, ips, hostWWPNMap })]);
  });
  afterAll(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const items = async (noun: string) => JSON.parse(await cli(['get', noun, '-o', 'json'])).items;
  /** What a collection of the array has of the volumes of this test, by the names in its records. */
  const found = async (path: string): Promise<readonly string[]> => {
    const { body } = await simulator.call('GET', path);
    return [...JSON.stringify(body).matchAll(/"name":"\/vol\/(trident_v\d+)\/\w+"/g)]
      .map(([, name = '']) => name)
      .sort();
  };

  const expectAgreement = async (): Promise<void> => {
    const recorded: string[] = (await items('volume'))
      .map((item: { Config: { internalName: string } }) => item.Config.internalName)
      .sort();
    expect(await found(devices)).toEqual(recorded);
    const inVolumes = simulator.world.volumes().map(({ name }) => name);
    expect(inVolumes.filter((name) => name.startsWith('trident_')).sort()).toEqual(recorded);
    const published: string[] = (await items('publication')).map(
      (item: { volume: string }) => `trident_${item.volume}`,
    );
    expect(await found(maps)).toEqual(published.sort());
    const left = (await items('operation')).filter(({ outcome }: { outcome: string }) => /open|stuck/.test(outcome));
    expect(left).toEqual([]);
    simulator.world.verify();
  };

  it.each(cases)(
    '$name, is finished or undone by the next command, at every point',
    async ({ operation, before, call, again, after }) => {
      const prepared = async (): Promise<string> => {
        const volume = `v${++rounds}`;
        for (const line of before) await cli(line(volume));
        return volume;
      };
      const state = join(folder, 'state');
      const points = await pointsOf(state, { operation, call: call(await prepared()) });
      expect(points.length).toBeGreaterThan(2);
      for (const point of points) {
        const volume = await prepared();
        expect(await die(state, { operation, call: call(volume) }, point), point).toBe('killed');
        await cli(['create', 'node', 'passer-by', '--ip', '10.9.9.9']);
        await expectAgreement();
        const { exit, stderr } = await attempt(again(volume));
        expect(exit === 0 || /already|not found/.test(stderr), `${point}: ${stderr}`).toBe(true);
        await expectAgreement();
        expect((await found(devices)).includes(`trident_${volume}`), point).toBe(after.there);
        expect((await found(maps)).includes(`trident_${volume}`), point).toBe(after.mapped);
      }
      for (const { volume } of await items('publication')) await cli(['unpublish', 'volume', volume, 'n1']);
      for (const { Config } of await items('volume')) await cli(['delete', 'volume', Config.name]);
      await expectAgreement();
      const { body } = await simulator.call('GET', groups);
      expect(body).toMatchObject({ num_records: 0 });
    },
    120_000,
  );
});
