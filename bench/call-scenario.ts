import type { JsonObject } from '../src/engine/json.ts';
import type { VolumeRecord } from '../src/engine/orchestrator/model.ts';
import type { Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import { Problem } from '../src/engine/problem.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import type { OperationName } from './call-limits.ts';
import { anyClass, openLab, patient } from './lab.ts';
import { benchNode } from './nodes.ts';

/** How imports call a volume: alone, or in what it shares. */
const importNameOf = ({ config }: VolumeRecord): string => {
  const [, flexVol, name] = /\/flexvol\/([^/]+)\/(?:qtree|lun)\/(.+)$/.exec(config.internalID) ?? [];
  return flexVol === undefined || name === undefined || name === 'lun0' ? config.internalName : `${flexVol}/${name}`;
};

const request = (name: string, more: { readonly snapshotDirectory?: string } = {}) =>
  ({ name, size: '1Gi', storageClass: 'any', volumeMode: 'Filesystem', ...more }) as const;

/** A volume that another installation left on the array; its name for an import. */
const leaveLegacy = async (backend: JsonObject): Promise<string> => {
  await using other = await openLab();
  await other.orchestrator.backends.add({ ...backend, storagePrefix: 'legacy_' }, patient());
  await other.orchestrator.storageClasses.add(anyClass);
  return importNameOf(await other.orchestrator.volumes.create(request('found'), patient()));
};

/** Requests that each operation makes, warm and successful; an operation that the driver refuses has none. */
export const countCalls = async (lab: {
  readonly simulator: Simulator;
  readonly orchestrator: Orchestrator;
  readonly backend: JsonObject;
}): Promise<ReadonlyMap<OperationName, number>> => {
  const { simulator, orchestrator: o, backend } = lab;
  const counts = new Map<OperationName, number>();
  const measure = async (name: OperationName, work: () => Promise<unknown>) => {
    simulator.requests.reset();
    try {
      await work();
    } catch (error) {
      if (Problem.is(error) && error.kind === 'unsupported') return;
      throw error;
    }
    counts.set(name, simulator.requests.count());
  };
  const publish = (volume: string) =>
    o.publications.publish({ volume, node: 'n1', readOnly: false, accessMode: 1 }, patient());
  const legacy = await leaveLegacy(backend);

  await measure('opening a backend', () => o.backends.add(backend, patient()));
  await o.storageClasses.add(anyClass);
  await o.nodes.register(benchNode('n1', '10.0.0.1'), patient());
  await o.volumes.create(request('warm'), patient());
  await measure('create', () => o.volumes.create(request('v1'), patient()));
  await measure('publish, first on a node', () => publish('v1'));
  await measure('publish again', () => publish('v1'));
  await measure('unpublish, last', () => o.publications.unpublish('v1', 'n1', patient()));
  await measure('resize', () => o.volumes.resize('v1', '2Gi', patient()));
  await measure('delete', () => o.volumes.remove('v1', patient()));

  // Snapshots of qtrees are only for volumes that show them.
  await o.volumes.create(request('v2', { snapshotDirectory: 'true' }), patient());
  await measure('snapshot', () => o.snapshots.create({ volume: 'v2', name: 's1', version: '1' }, patient()));
  await measure('clone from a snapshot', () => o.volumes.clone(cloneOf('v2', 's1'), patient()));
  if (counts.has('clone from a snapshot')) await o.volumes.remove('c1', patient());
  await measure('delete a snapshot', () => o.snapshots.remove('v2', 's1', patient()));
  await measure('import, managed', () => o.volumes.import(importOf(legacy), patient()));
  await publish('v2');
  // The first poll after a publication compares access rules.
  await o.poll(patient());
  await measure('state poll', () => o.poll(patient()));
  return counts;
};

const cloneOf = (source: string, snapshot: string) => ({
  name: 'c1',
  source,
  snapshot,
  size: '',
  storageClass: '',
  readOnly: false,
  splitOnClone: '',
  overrides: {},
});

const importOf = (originalName: string) =>
  ({
    backend: 'bench',
    originalName,
    name: 'imported',
    noManage: false,
    noRename: false,
    size: '',
    storageClass: 'any',
    accessMode: '',
    volumeMode: 'Filesystem',
    protocol: '',
    overrides: {},
  }) as const;
