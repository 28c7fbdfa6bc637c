import type { Context, Resource } from '../core/declaration.ts';
import { flag, integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { forgetQosPolicy } from './qos-policy.ts';
import { RECOVERY_QUEUE } from './recovery-queue.ts';
import { splitClone } from './volume-clone.ts';
import { placeVolume, prepareVolume } from './volume-create.ts';
import { listedConstituents } from './volume-constituents.ts';
import { clonesOf, volumeFields, volumeRules } from './volume-fields.ts';
import { finishChange, prepareChange, restoreTarget, RESTORE_PARAMETERS } from './volume-modify.ts';
import { MOVEMENT_PARAMETERS, movementLasts, onlyValidates } from './volume-movement.ts';
import { volumeCharges } from './volume-space.ts';

const checkRemovable = (volume: Entry, { world }: Context) => {
  if (world.strict && text(volume, 'nas.path') !== '')
    throw new Refusal(409, 524486, `The volume "${text(volume, 'name')}" is busy: it is mounted.`);
  const [clone] = clonesOf(volume.$id, world);
  if (clone)
    throw new Refusal(409, 524615, `The volume "${text(volume, 'name')}" has the clone "${text(clone, 'name')}".`);
  if (flag(volume, 'is_svm_root') && world.store.by('volume', 'svm', text(volume, 'svm')).length > 1) {
    throw new Refusal(409, 917531, 'The root volume of an SVM cannot be deleted while the SVM has other volumes.');
  }
};

/** Without `force` the volume waits in the recovery queue, under another name, and its space stays taken. */
const release = (volume: Entry, context: Context) => {
  const { world, parameters } = context;
  checkRemovable(volume, context);
  for (const snapshot of world.store.by('snapshot', 'volume', volume.$id)) world.store.remove('snapshot', snapshot.$id);
  if (parameters['force']?.toLowerCase() === 'true') return;
  const { 'nas.path': _path, ...kept } = volume;
  world.store.put(RECOVERY_QUEUE, {
    ...kept,
    $id: volume.$id,
    volume: `${text(volume, 'name')}_${integer(volume, 'msid') % 10_000}`,
    $deleted: world.clock.now(),
    deletion_request_time: world.clock.text(),
  });
};

/** `/storage/volumes`: FlexVol, FlexGroup and FlexClone volumes, and data protection volumes as records. */
export const volume: Resource = {
  kind: 'volume',
  path: '/storage/volumes',
  keys: ['uuid'],
  fields: volumeFields,
  indexes: [
    'svm',
    'nas.export_policy',
    'snapshot_policy',
    'qos.policy',
    'clone.parent_volume',
    'clone.parent_snapshot',
    'msid',
  ],
  unique: volumeRules,
  parameters: {
    get: ['is_constituent'],
    modify: [...RESTORE_PARAMETERS, ...MOVEMENT_PARAMETERS, 'sizing_method'],
    remove: ['force'],
  },
  derived: listedConstituents,
  charges: volumeCharges,
  unknown: (given, field) => new Refusal(404, 917927, `The volume "${given}" does not exist.`, field),
  create: { asynchronous: true, location: 'query', prepare: prepareVolume, effects: placeVolume },
  modify: {
    asynchronous: (_changes, context) => !onlyValidates(context),
    lasts: movementLasts,
    mayBeEmpty: (context) => restoreTarget(context) !== undefined,
    prepare: prepareChange,
    effects: finishChange,
  },
  alarm: {
    due: (entry) => (typeof entry['$split_due'] === 'number' ? entry['$split_due'] : undefined),
    ring: (entry, world) => splitClone(world.store.get('volume', entry.$id), { world, parameters: {} }),
  },
  remove: { asynchronous: true, check: checkRemovable, effects: release },
  reactions: [forgetQosPolicy('volume', 'qos.policy')],
};
