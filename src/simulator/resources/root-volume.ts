import { texts, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { GIB } from './common.ts';
import { newVolumeValues } from './volume-defaults.ts';

/** Every SVM has a root volume, mounted at `/`, from the moment it is made. */
export const addRootVolume = (svm: Entry, world: World): void => {
  const aggregate = texts(svm, 'aggregates')[0] ?? world.store.all('aggregate')[0]?.$id;
  if (aggregate === undefined) throw new Error('A topology needs an aggregate.');
  const id = world.random.uuid('volume');
  world.store.put('volume', {
    $id: id,
    uuid: id,
    name: `${text(svm, 'name')}_root`,
    svm: svm.$id,
    size: GIB,
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
