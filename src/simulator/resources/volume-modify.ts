import type { Context, Values } from '../core/declaration.ts';
import { flag, integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import {
  checkCapacity,
  checkHolds,
  checkJunction,
  checkMountable,
  checkReserve,
  checkSize,
  checkVolumeName,
} from './volume-checks.ts';
import { startSplit } from './volume-clone.ts';
import { autosizeOf } from './volume-create.ts';
import { checkMovement, finishMovement, onlyValidates } from './volume-movement.ts';
import { steeringOf, steerMovement } from './volume-movement-steering.ts';
import { restoreSnapshot } from './volume-restore.ts';

export const RESTORE_PARAMETERS = ['restore_to.snapshot.name', 'restore_to.snapshot.uuid'];

/** The snapshot that the query asks to restore, by name or UUID. */
export const restoreTarget = ({ parameters }: Pick<Context, 'parameters'>): string | undefined =>
  parameters['restore_to.snapshot.uuid'] ?? parameters['restore_to.snapshot.name'];

/** When a PATCH arrives: what it changes, or a refusal. */
export const prepareChange = (changes: Values, before: Entry, context: Context): Values => {
  if (restoreTarget(context) !== undefined) {
    if (Object.keys(changes).length > 0)
      throw new Refusal(400, 918251, 'Other properties cannot be changed in a request that restores a snapshot.');
    if (text(before, 'state') !== 'online')
      throw new Refusal(400, 9437885, 'A volume that is not online cannot be restored.');
    return {};
  }
  const { 'space.size': spaceSize, 'nas.path': path, ...others } = changes;
  const wanted: Values = {
    ...others,
    ...autosizeOf(changes),
    ...(spaceSize === undefined ? {} : { size: spaceSize }),
    // An empty path unmounts.
    ...('nas.path' in changes ? { 'nas.path': path === '' ? undefined : path } : {}),
    ...(changes['state'] === 'offline' || changes['state'] === 'restricted' ? { 'nas.path': undefined } : {}),
    // From now on it is not only its aggregate that is offline.
    ...(changes['state'] !== undefined && flag(before, '$lost') ? { $lost: undefined } : {}),
  };
  checkChange(wanted, { ...before, ...wanted, $id: before.$id }, before, context);
  const steered = steeringOf(wanted, before, context.world);
  checkMovement(steered, before, context);
  return onlyValidates(context) ? {} : steered;
};

const checkChange = (changes: Values, after: Entry, before: Entry, { world }: Context) => {
  if (changes['name'] !== undefined) {
    if (flag(before, 'is_svm_root') && changes['name'] === '')
      throw new Refusal(400, 917887, 'A volume needs a name.', 'name');
    checkVolumeName(text(after, 'name'), text(after, 'style'));
  }
  if (changes['state'] === 'error' || changes['state'] === 'mixed')
    throw new Refusal(400, 918652, `The state "${changes['state']}" cannot be set.`, 'state');
  if (changes['state'] === 'online' && flag(before, '$lost'))
    throw new Refusal(409, 9437885, `An aggregate of the volume "${text(before, 'name')}" is not online.`, 'state');
  if (
    flag(before, 'is_svm_root') &&
    ('nas.path' in changes || (changes['state'] !== undefined && changes['state'] !== 'online'))
  ) {
    throw new Refusal(400, 917628, 'The root volume of an SVM cannot be unmounted or taken offline.');
  }
  if (changes['nas.path'] !== undefined && changes['nas.path'] !== before['nas.path']) checkJunction(after, world);
  if (changes['space.snapshot.reserve_percent'] !== undefined) checkReserve(after);
  if (
    text(after, 'state') !== 'online' &&
    (changes['size'] !== undefined || changes['clone.split_initiated'] !== undefined)
  ) {
    throw new Refusal(400, 9437885, `The volume "${text(before, 'name')}" is not online.`);
  }
  if (
    flag(after, 'clone.split_initiated') &&
    changes['clone.split_initiated'] !== undefined &&
    !flag(before, 'clone.is_flexclone')
  ) {
    throw new Refusal(
      400,
      524849,
      `The volume "${text(before, 'name')}" is not a FlexClone volume.`,
      'clone.split_initiated',
    );
  }
  if (changes['clone.split_initiated'] !== undefined && before['$split_due'] !== undefined)
    throw new Refusal(
      400,
      918248,
      `The volume "${text(before, 'name')}" is being split already.`,
      'clone.split_initiated',
    );
  const minimum = after['$autosize_minimum'];
  const maximum = after['$autosize_maximum'];
  if (typeof minimum === 'number' && typeof maximum === 'number' && minimum > maximum) {
    throw new Refusal(400, 917831, 'The least size of autosize is above the greatest.', 'autosize.minimum');
  }
};

/** When a PATCH is done. */
export const finishChange = (after: Entry, before: Entry, context: Context, changes: Values): void => {
  const snapshot = restoreTarget(context);
  if (snapshot !== undefined) return restoreSnapshot(after, snapshot, context);
  if (after['nas.path'] !== before['nas.path']) {
    checkMountable(after);
    checkJunction(after, context.world);
  }
  if (integer(after, 'size') !== integer(before, 'size')) checkSize(after);
  checkHolds(after);
  if (changes['clone.split_initiated'] === true) startSplit(after, context);
  else checkCapacity(finishMovement(steerMovement(after, context.world), changes, context.world), before, context);
};
