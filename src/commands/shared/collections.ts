import { Problem } from '../../engine/problem.ts';
import { backendExternal, type BackendExternal } from '../../client/wire/backend.ts';
import type { AutogrowPolicyExternal } from '../../client/wire/core.ts';
import type { NodeExternal } from '../../client/wire/node.ts';
import type { SnapshotExternal } from '../../client/wire/snapshot.ts';
import { storageClassExternal, type StorageClassExternal } from '../../client/wire/storage-class.ts';
import type { VolumeExternal } from '../../client/wire/volume.ts';
import { present, type AnyCore, type Collection } from './collection.ts';

const listed = (names: readonly string[], details: string | undefined) => ({ names, details: details !== undefined });

export const backends = ({ call }: AnyCore, signal: AbortSignal): Collection<BackendExternal> => ({
  one: 'backend',
  many: 'backends',
  list: async () => {
    const answer = await call.listBackends({ params: {}, signal });
    return listed(answer.backends, answer.details);
  },
  whole: async () => (await call.listBackendDetails({ params: {}, signal })).backends,
  get: async (backend) => (await call.getBackend({ params: { backend }, signal })).backend ?? backendExternal.parse({}),
});

export const volumes = (
  { call }: AnyCore,
  signal: AbortSignal,
  query: Readonly<Record<string, string>> = {},
): Collection<VolumeExternal> => ({
  one: 'volume',
  many: 'volumes',
  list: async () => {
    const answer = await call.listVolumes({ params: {}, query, signal });
    return listed(answer.volumes, answer.details);
  },
  whole: async () => (await call.listVolumeDetails({ params: {}, query, signal })).volumes,
  get: async (volume) => present((await call.getVolume({ params: { volume }, signal })).volume, 'volume'),
});

/** @throws Problem when `id` is not `volume/snapshot` */
export const splitSnapshotId = (id: string): { readonly volume: string; readonly snapshot: string } => {
  const slash = id.indexOf('/');
  if (slash < 0)
    throw new Problem(
      'cli.snapshotId',
      'usage',
      `invalid snapshot ID: ${id}; Please use the format <volume name>/<snapshot name>`,
    );
  return { volume: id.slice(0, slash), snapshot: id.slice(slash + 1) };
};

export const snapshots = (
  { call }: AnyCore,
  signal: AbortSignal,
  query: Readonly<Record<string, string>> = {},
): Collection<SnapshotExternal> => ({
  one: 'snapshot',
  many: 'snapshots',
  list: async () => {
    const answer = await call.listSnapshots({ params: {}, query, signal });
    return listed(answer.snapshots, answer.details);
  },
  whole: async () => (await call.listSnapshotDetails({ params: {}, query, signal })).snapshots,
  get: async (id) => present((await call.getSnapshot({ params: splitSnapshotId(id), signal })).snapshot, 'snapshot'),
});

export const storageClasses = ({ call }: AnyCore, signal: AbortSignal): Collection<StorageClassExternal> => ({
  one: 'storage class',
  many: 'storage classes',
  list: async () => {
    const answer = await call.listStorageClasses({ params: {}, signal });
    return listed(answer.storageClasses, answer.details);
  },
  whole: async () => (await call.listStorageClassDetails({ params: {}, signal })).storageClasses,
  get: async (storageClass) =>
    (await call.getStorageClass({ params: { storageClass }, signal })).storageClass ?? storageClassExternal.parse({}),
});

export const nodes = ({ call }: AnyCore, signal: AbortSignal): Collection<NodeExternal> => ({
  one: 'node',
  many: 'nodes',
  list: async () => {
    const answer = await call.listNodes({ params: {}, signal });
    return listed(answer.nodes, answer.details);
  },
  whole: async () => (await call.listNodeDetails({ params: {}, signal })).nodes,
  get: async (node) => present((await call.getNode({ params: { node }, signal })).node, 'node'),
});

export const autogrowPolicies = ({ call }: AnyCore, signal: AbortSignal): Collection<AutogrowPolicyExternal> => {
  const names = async () => (await call.listAutogrowPolicies({ params: {}, signal })).autogrowPolicies ?? [];
  const get = async (autogrowPolicy: string) =>
    (await call.getAutogrowPolicy({ params: { autogrowPolicy }, signal })).autogrowPolicy;
  return {
    one: 'autogrow policy',
    many: 'autogrow policies',
    list: async () => ({ names: await names(), details: false }),
    whole: async () => Promise.all((await names()).map(get)),
    get,
  };
};
