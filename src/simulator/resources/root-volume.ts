import { texts, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { aggregateSpace } from './aggregate.ts';
import { GIB } from './common.ts';
import { newVolumeValues } from './volume-defaults.ts';

const SIZE = GIB;

const aggregateOf = (svm: Entry, world: World): Entry => {
  const found = world.store.find('aggregate', texts(svm, 'aggregates')[0]) ?? world.store.all('aggregate')[0];
  if (found === undefined) throw new Error('A topology needs an aggregate.');
  return found;
};

export const hasRoomForRoot = (svm: Entry, world: World): boolean =>
  aggregateSpace(aggregateOf(svm, world), world).available >= SIZE;

/** Every SVM has a root volume, mounted at `/`, from the moment it is made. */
export const addRootVolume = (svm: Entry, world: World): void => {
  const aggregate = aggregateOf(svm, world).$id;
  const id = world.random.uuid('volume');
  world.store.put('volume', {
    $id: id,
    uuid: id,
    name: `${text(svm, 'name')}_root`,
    svm: svm.$id,
    size: SIZE,
    style: 'flexvol',
    type: 'rw',
    is_svm_root: true,
    aggregates: [aggregate],
    $layout: [aggregate],
    'guarantee.type': 'volume',
    'nas.path': '/',
    ...newVolumeValues(world),
    snapshot_policy: world.store.by('snapshot_policy', 'name', 'none')[0]?.$id,
    'nas.export_policy': world.store.by('export_policy', 'svm', svm.$id)[0]?.$id,
    'space.snapshot.reserve_percent': 5,
  });
};
