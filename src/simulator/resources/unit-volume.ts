import type { Context } from '../core/declaration.ts';
import { text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { byFreeSpace } from './aggregate.ts';
import { MIB } from './common.ts';
import { namedIn } from './lookups.ts';
import { checkCapacity } from './volume-checks.ts';
import { makeCloneSnapshot } from './volume-clone.ts';
import { newVolumeValues } from './volume-defaults.ts';
import { clonesOf } from './volume-fields.ts';

/**
 * On ASA r2 each LUN and each namespace is a storage unit: it has a volume of its own with its name, made, renamed,
 * resized and removed with it. Snapshots and clones of a unit are those of its volume.
 */
export const isDisaggregatedSan = (world: World): boolean => world.personality === 'asa-r2';

/** What the volume of a clone has from its parent's. */
const INHERITED = [
  'svm',
  'size',
  'style',
  'type',
  'aggregates',
  '$layout',
  'guarantee.type',
  'space.snapshot.reserve_percent',
  'snapshot_policy',
  'nas.export_policy',
];

const sizeFor = (bytes: number): number => Math.max(20 * MIB, bytes);

const emptiestAggregate = (svm: Entry, world: World): string => {
  const [best] = byFreeSpace(texts(svm, 'aggregates'), world);
  if (best === undefined) throw new Refusal(400, 5440509, 'There is no storage that the unit could be placed on.');
  return best;
};

/** Volumes have names of their own, which units must leave alone. */
const checkVolumeName = (unit: Entry, world: World) => {
  const other = namedIn('volume', text(unit, 'name'), unit['svm'], world);
  if (other && other.$id !== unit['location.volume'])
    throw new Refusal(409, 5440688, `The name "${text(unit, 'name')}" is in use.`, 'name');
};

/** Makes the volume of a new unit; its key is the one that the unit's record has as `location.volume`. */
export const addUnitVolume = (unit: Entry, world: World): void => {
  checkVolumeName(unit, world);
  const svm = world.store.get('svm', text(unit, 'svm'));
  const aggregate = emptiestAggregate(svm, world);
  const size = unit['space.size'];
  world.store.put('volume', {
    ...newVolumeValues(world),
    $id: text(unit, 'location.volume'),
    uuid: text(unit, 'location.volume'),
    name: text(unit, 'name'),
    svm: svm.$id,
    size: sizeFor(typeof size === 'number' ? size : 0),
    style: 'flexvol',
    type: 'rw',
    aggregates: [aggregate],
    $layout: [aggregate],
    'guarantee.type': 'none',
    'space.snapshot.reserve_percent': 0,
    snapshot_policy: world.store.by('snapshot_policy', 'name', 'none')[0]?.$id,
    'nas.export_policy': world.store.by('export_policy', 'svm', svm.$id)[0]?.$id,
    $unit: true,
  });
};

/** The unit was renamed or resized: its volume follows. */
export const changeUnitVolume = (unit: Entry, world: World): void => {
  checkVolumeName(unit, world);
  const volume = world.store.get('volume', text(unit, 'location.volume'));
  const size = unit['space.size'];
  world.store.change('volume', volume.$id, {
    name: text(unit, 'name'),
    size: sizeFor(typeof size === 'number' ? size : 0),
  });
};

/** Makes the volume of a unit that is a clone, on a snapshot of the volume it is cloned from; `snapshot` empty: a new one. */
export const cloneUnitVolume = (unit: Entry, parentId: string, snapshot: string, context: Context): Entry => {
  const { world } = context;
  checkVolumeName(unit, world);
  const parent = world.store.get('volume', parentId);
  const id = text(unit, 'location.volume');
  const inherited = Object.fromEntries(INHERITED.map((path) => [path, parent[path]]));
  const volume: Entry = {
    ...newVolumeValues(world),
    ...inherited,
    $id: id,
    uuid: id,
    name: text(unit, 'name'),
    $unit: true,
    'clone.is_flexclone': true,
    'clone.parent_svm': text(parent, 'svm'),
    'clone.parent_volume': parent.$id,
    ...(snapshot === '' ? {} : { 'clone.parent_snapshot': snapshot }),
  };
  world.store.put('volume', volume);
  makeCloneSnapshot(volume, context);
  const made = world.store.get('volume', id);
  checkCapacity(made, undefined, context);
  return made;
};

/** Refuses to remove a unit that clones still share blocks with. */
export const checkUnitRemovable = (unit: Entry, world: World): void => {
  const [clone] = clonesOf(text(unit, 'location.volume'), world);
  if (clone)
    throw new Refusal(
      409,
      5376520,
      `"${text(unit, 'name')}" cannot be deleted: it is the parent of the clone "${text(clone, 'name')}".`,
    );
};

/** The unit goes: so do its volume and the snapshots of it. */
export const removeUnitVolume = (unit: Entry, world: World): void => {
  const volume = world.store.find('volume', text(unit, 'location.volume'));
  if (!volume || volume['$unit'] !== true) return;
  for (const snapshot of world.store.by('snapshot', 'volume', volume.$id)) world.store.remove('snapshot', snapshot.$id);
  world.store.remove('volume', volume.$id);
};
