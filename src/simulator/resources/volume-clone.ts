import type { Context } from '../core/declaration.ts';
import { flag, integer, text, type Entry, type Stored } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { newVolumeValues } from './volume-defaults.ts';
import { newSnapshot } from './snapshot-make.ts';
import { checkCapacity } from './volume-checks.ts';

const VOLUME = 'volume';

export const isClone = (draft: Entry): boolean =>
  flag(draft, 'clone.is_flexclone') || draft['clone.parent_volume'] !== undefined;

/**
 * What a request that makes a clone may say; all else comes from the parent. The command `volume clone create` has the
 * same options (junction path, guarantee, comment, snapshot policy, QoS policy, type, user and group); a value for
 * another property is refused with 918247, as ONTAP does for `tiering.policy`.
 */
const GIVEN = new Set([
  'uuid',
  'name',
  'svm',
  'clone.is_flexclone',
  'clone.parent_svm',
  'clone.parent_volume',
  'clone.parent_snapshot',
  'type',
  'comment',
  'nas.path',
  'nas.uid',
  'nas.gid',
  'guarantee.type',
  'snapshot_policy',
  'qos.policy',
  '$id',
]);

const INHERITED = [
  'size',
  'style',
  'aggregates',
  '$layout',
  'guarantee.type',
  'comment',
  'language',
  'snapshot_policy',
  'nas.export_policy',
  'nas.security_style',
  'nas.unix_permissions',
  'nas.uid',
  'nas.gid',
  'space.snapshot.reserve_percent',
  'snapshot_directory_access_enabled',
  'tiering.policy',
  'encryption.enabled',
  'qos.policy',
  'constituent_count',
  'constituents_per_aggregate',
  'space.large_size_enabled',
  '$initialized',
];

const isDefault = (world: World, path: string, value: Stored | undefined) => {
  const field = world.resource(VOLUME).fields[path];
  return field?.default !== undefined && field.default === value;
};

export const prepareClone = (draft: Entry, world: World): Entry => {
  if (!flag(draft, 'clone.is_flexclone'))
    throw new Refusal(400, 918244, 'A clone needs "clone.is_flexclone" to be true.', 'clone.is_flexclone');
  const parent = world.store.find(VOLUME, text(draft, 'clone.parent_volume'));
  if (!parent) throw new Refusal(400, 524601, 'A clone needs a parent volume.', 'clone.parent_volume');
  for (const [path, value] of Object.entries(draft)) {
    if (!GIVEN.has(path) && value !== undefined && !isDefault(world, path, value)) {
      throw new Refusal(
        400,
        918247,
        `Specifying a value for "${path}" is not valid for a volume FlexClone creation.`,
        path,
      );
    }
  }
  const parentSvm = text(draft, 'clone.parent_svm') || text(draft, 'svm');
  if (text(parent, 'svm') !== parentSvm)
    throw new Refusal(404, 524601, 'The parent volume does not exist in the SVM.', 'clone.parent_volume');
  if (parentSvm !== text(draft, 'svm') && text(draft, 'nas.path') !== '') {
    throw new Refusal(
      400,
      1520442,
      'A clone in another SVM than its parent cannot be mounted when it is created.',
      'nas.path',
    );
  }
  if (text(parent, 'state') !== 'online')
    throw new Refusal(
      400,
      9437885,
      `The parent volume "${text(parent, 'name')}" is not online.`,
      'clone.parent_volume',
    );
  const inherited = Object.fromEntries(INHERITED.map((path) => [path, parent[path]]));
  return {
    ...newVolumeValues(world),
    ...inherited,
    ...draft,
    $id: draft.$id,
    type: text(draft, 'type') || 'rw',
    'clone.is_flexclone': true,
    ...(parentSvm === text(draft, 'svm')
      ? {}
      : { 'nas.export_policy': world.store.by('export_policy', 'svm', text(draft, 'svm'))[0]?.$id }),
    ...snapshotOf(draft, parent, world),
    'clone.parent_svm': parentSvm,
  };
};

const snapshotOf = (draft: Entry, parent: Entry, world: World) => {
  const given = text(draft, 'clone.parent_snapshot');
  if (given === '') return {};
  const named = world.store.get('snapshot', given);
  // A name alone finds the first snapshot of that name; the one meant is the parent's.
  const own = world.store.by('snapshot', 'volume', parent.$id).find((snapshot) => snapshot['name'] === named['name']);
  if (!own)
    throw new Refusal(
      404,
      524511,
      `The snapshot "${text(named, 'name')}" does not exist in volume "${text(parent, 'name')}".`,
      'clone.parent_snapshot',
    );
  return { 'clone.parent_snapshot': own.$id };
};

/** When the work is done: the snapshot that the clone stands on, made if none was named. */
export const makeCloneSnapshot = (clone: Entry, context: Context): void => {
  const { world } = context;
  const parent = world.store.find(VOLUME, text(clone, 'clone.parent_volume'));
  if (!parent) throw new Refusal(404, 524601, 'The parent volume does not exist any more.');
  const stamp = world.clock.text().slice(0, 19).replace('T', '_').replaceAll(':', '').replaceAll('-', '');
  const given = text(clone, 'clone.parent_snapshot');
  const snapshot =
    given === ''
      ? newSnapshot(parent, `clone_${text(clone, 'name')}.${stamp}`, world)
      : world.store.find('snapshot', given);
  if (!snapshot) throw new Refusal(404, 524511, 'The parent snapshot does not exist any more.');
  const shared = integer(snapshot, '$volume_used');
  world.store.change(VOLUME, clone.$id, {
    'clone.parent_snapshot': snapshot.$id,
    'clone.inherited_physical_used': shared,
    $used: shared,
  });
};

/** Starts to give the clone blocks of its own; done at once where that takes no time. */
export const startSplit = (clone: Entry, context: Context): void => {
  const { clock, pace, store } = context.world;
  if (pace.splitMs === 0) return splitClone(clone, context);
  // Space that will be needed is looked for now.
  store.transaction(() => {
    checkCapacity(store.change(VOLUME, clone.$id, { 'clone.inherited_physical_used': undefined }), clone, context);
  });
  store.change(VOLUME, clone.$id, {
    'clone.inherited_physical_used': clone['clone.inherited_physical_used'],
    'clone.split_initiated': true,
    $split_from: clock.now(),
    $split_due: clock.now() + pace.splitMs,
  });
};

/** How far a split has come; 0 for a clone that is not being split. */
export const splitPercent = (clone: Entry, world: World): number => {
  const from = integer(clone, '$split_from');
  const due = integer(clone, '$split_due');
  return due > from ? Math.min(99, Math.floor(((world.clock.now() - from) * 100) / (due - from))) : 0;
};

/** Gives the clone blocks of its own; the snapshot is free again. */
export const splitClone = (clone: Entry, context: Context): void => {
  const split = context.world.store.change(VOLUME, clone.$id, {
    'clone.is_flexclone': false,
    'clone.parent_volume': undefined,
    'clone.parent_snapshot': undefined,
    'clone.parent_svm': undefined,
    'clone.inherited_physical_used': undefined,
    'clone.split_initiated': undefined,
    $split_from: undefined,
    $split_due: undefined,
  });
  checkCapacity(split, clone, context);
};
