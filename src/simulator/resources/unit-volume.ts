import { text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { aggregateSpace } from './aggregate.ts';
import { MIB } from './common.ts';
import { newVolumeValues } from './volume-defaults.ts';
import { clonesOf } from './volume-fields.ts';

/**
 * On ASA r2 each LUN and each namespace is a storage unit: it has a volume of its own with its name, made, renamed,
 * resized and removed with it. Snapshots and clones of a unit are those of its volume.
 */
export const isDisaggregatedSan = (world: World): boolean => world.personality === 'asa-r2';

const sizeFor = (bytes: number): number => Math.max(20 * MIB, bytes);

const emptiestAggregate = (svm: Entry, world: World): string => {
  const delegated = texts(svm, 'aggregates');
  const candidates = delegated.length > 0 ? delegated : world.store.all('aggregate').map((entry) => entry.$id);
  const free = (id: string) => aggregateSpace(world.store.get('aggregate', id), world).available;
  const [best] = [...candidates].sort((a, b) => free(b) - free(a));
  if (best === undefined) throw new Refusal(400, 5440509, 'There is no storage that the unit could be placed on.');
  return best;
};

/** Makes the volume of a new unit; its key is the one that the unit's record has as `location.volume`. */
export const addUnitVolume = (unit: Entry, world: World): void => {
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
  const volume = world.store.get('volume', text(unit, 'location.volume'));
  const size = unit['space.size'];
  world.store.change('volume', volume.$id, {
    name: text(unit, 'name'),
    size: sizeFor(typeof size === 'number' ? size : 0),
  });
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
