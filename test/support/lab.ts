import { expect } from 'vitest';
import { unknownDriver } from '../../src/engine/drivers/registry.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { NodeRecord, StorageClassRecord } from '../../src/engine/orchestrator/model.ts';
import type { CloneRequest, ImportRequest, Orchestrator } from '../../src/engine/orchestrator/orchestrator.ts';
import { Problem } from '../../src/engine/problem.ts';
import type { Store } from '../../src/engine/store/store.ts';
import type { LabArray } from './lab-driver.ts';

export const storageClass = (name: string, more: Partial<StorageClassRecord> = {}): StorageClassRecord => ({
  name,
  version: '1',
  attributes: {},
  storagePools: {},
  additionalStoragePools: {},
  excludeStoragePools: {},
  autogrowPolicy: '',
  attributesGiven: false,
  ...more,
});

export const nodeRecord = (name: string, more: Partial<NodeRecord> = {}): NodeRecord => ({
  name,
  iqn: '',
  nqn: '',
  hostWWPNMap: {},
  ips: ['192.0.2.50'],
  topologyLabels: {},
  hostInfo: {},
  deleted: false,
  publicationState: 'clean',
  logLevel: '',
  logWorkflows: '',
  logLayers: '',
  ...more,
});

export const patient = { signal: new AbortController().signal };

export const openLabEngine = (
  store: Store,
  array: LabArray,
  more: { readonly crashPoint?: (name: string) => void | Promise<void>; readonly now?: () => Date } = {},
): Promise<Engine> =>
  openEngine({
    store,
    driverKind: async (name) => {
      if (name !== 'lab') throw unknownDriver(name, ['lab']);
      return array.kind;
    },
    context: 'direct',
    version: '26.06.0',
    hostName: 'lab-host',
    random: () => 0.5,
    ...more,
  });

/** A backend `lab`, a class `any`, nodes n1 and n2. */
export const furnish = async ({ backends, storageClasses, nodes }: Orchestrator): Promise<void> => {
  await backends.add({ version: 1, storageDriverName: 'lab', backendName: 'lab' }, patient);
  await storageClasses.add(storageClass('any'));
  await nodes.register(nodeRecord('n1'), patient);
  await nodes.register(nodeRecord('n2', { ips: ['192.0.2.51'] }), patient);
};

export const volumeRequest = (name: string, size = '1Gi') =>
  ({ name, size, storageClass: 'any', volumeMode: 'Filesystem', accessMode: 'ReadWriteMany' }) as const;

/** A clone of what the source holds now, as large as it. */
export const cloneRequest = (name: string, source: string, more: Partial<CloneRequest> = {}): CloneRequest => ({
  name,
  source,
  snapshot: '',
  size: '',
  storageClass: '',
  readOnly: false,
  splitOnClone: '',
  overrides: {},
  ...more,
});

/** An import that takes the volume over as it is. */
export const importRequest = (
  backend: string,
  originalName: string,
  name: string,
  more: Partial<ImportRequest> = {},
): ImportRequest => ({
  backend,
  originalName,
  name,
  noManage: false,
  noRename: false,
  size: '',
  storageClass: 'any',
  accessMode: 'ReadWriteMany',
  volumeMode: 'Filesystem',
  protocol: '',
  overrides: {},
  ...more,
});

/** How a use case ended: `done`, or the kind of problem it was refused with. What is no Problem is thrown on. */
export const endOf = async (action: Promise<unknown>): Promise<string> => {
  try {
    await action;
    return 'done';
  } catch (error) {
    if (Problem.is(error)) return error.kind;
    throw error;
  }
};

/** Records and array say the same: volumes, sizes, snapshots, grants; and nothing is left to do. */
export const expectAgreement = async (
  orchestrator: Orchestrator,
  array: LabArray,
  foreign: readonly string[] = [],
): Promise<void> => {
  const volumes = await orchestrator.volumes.list();
  const snapshots = await orchestrator.snapshots.list();
  const publications = await orchestrator.publications.list();
  const recorded = volumes
    .map(({ config, ref }) => ({
      name: config.internalName,
      size: config.size,
      uuid: ref['uuid'],
      snapshots: snapshots.filter(({ volume }) => volume === config.name).map(({ internalName }) => internalName),
      grants: publications.filter(({ volume }) => volume === config.name).map(({ node }) => node),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const real = [...array.volumes.values()]
    .filter(({ name }) => !foreign.includes(name))
    .map((volume) => ({
      name: volume.name,
      size: volume.size,
      uuid: volume.uuid,
      snapshots: [...volume.snapshots.keys()].sort(),
      grants: [...volume.grants].sort(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(recorded).toEqual(real);
  expect([...array.volumes.keys()]).toEqual(expect.arrayContaining([...foreign]));
  const unsettled = (await orchestrator.operations.list()).filter(
    ({ outcome }) => outcome === 'open' || outcome === 'stuck',
  );
  expect(unsettled.map(({ kind, outcome, reason }) => ({ kind, outcome, reason }))).toEqual([]);
};
