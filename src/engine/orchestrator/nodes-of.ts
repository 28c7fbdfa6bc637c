import type { Store } from '../store/store.ts';
import type { VolumeHandle } from '../drivers/objects.ts';
import type { NodeRecord, VolumeRecord } from './model.ts';
import { handleOf } from './records.ts';

/** Names of the volumes whose access is one with this volume's: read-only clones share the export of their source (PUB-32). */
const family = async (store: Store, { config }: VolumeRecord): Promise<ReadonlySet<string>> => {
  const names = new Set([config.name]);
  const readOnlyClonesOf = async (source: string): Promise<void> => {
    for (const { value } of await store.list('volume', { index: 'cloneSource', value: source }))
      if (value.config.readOnlyClone) names.add(value.config.name);
  };
  if (config.readOnlyClone && config.cloneSourceVolume !== '') {
    names.add(config.cloneSourceVolume);
    await readOnlyClonesOf(config.cloneSourceVolume);
  }
  await readOnlyClonesOf(config.name);
  for (const { value } of await store.list('volume', { index: 'shareSource', value: config.name }))
    names.add(value.config.name);
  return names;
};

/**
 * The nodes that must have access to a volume by what is on record, sorted by name; nodes that are not on record are
 * left out. `except` leaves out one publication of the volume itself.
 */
export const nodesOf = async (
  store: Store,
  volume: VolumeRecord,
  except: string | undefined,
): Promise<readonly NodeRecord[]> => {
  const names = new Set<string>();
  for (const member of await family(store, volume))
    for (const { value } of await store.list('publication', { index: 'volume', value: member }))
      if (member !== volume.config.name || value.node !== except) names.add(value.node);
  const nodes = await Promise.all([...names].sort().map((name) => store.get('node', name)));
  return nodes.flatMap((node) => (node === undefined ? [] : [node.value]));
};

/** The volumes on record that are published to a node. */
export const volumesPublishedTo = async (store: Store, node: string): Promise<readonly VolumeHandle[]> => {
  const publications = await store.list('publication', { index: 'node', value: node });
  const volumes = await Promise.all(publications.map(({ value }) => store.get('volume', value.volume)));
  return volumes.flatMap((volume) => (volume === undefined ? [] : [handleOf(volume.value)]));
};
