import type { Context, Fields, Values } from '../core/declaration.ts';
import { findText, text, type Entry } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import { noEntry, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { GROUP, childrenOf, parentOf } from './consistency-group-members.ts';
import { isStale, partsLeft, snapshotsOf, GROUP_SNAPSHOT } from './consistency-group-parts.ts';
import { isWaiting } from './consistency-group-phase.ts';
import { isMeant } from './lookups.ts';
import { isDisaggregatedSan } from './unit-volume.ts';

const NAME = 'restore_to.snapshot.name';
const UUID = 'restore_to.snapshot.uuid';
/** Member of a group that a job sets back: the key of the snapshot. */
const TARGET = '$restore';

/** How a PATCH names the snapshot that the group is set back to. */
export const restoreFields: Fields = {
  [NAME]: { kind: 'string', write: 'modify', secret: true },
  [UUID]: { kind: 'string', write: 'modify', secret: true },
};

export const restores = (changes: Values): boolean => changes[NAME] !== undefined || changes[UUID] !== undefined;

/** When the request arrives: the snapshot must be there with all its parts, of volumes that are in the group still. */
export const prepareRestore = (changes: Values, group: Entry, world: World): Values => {
  const { [NAME]: name, [UUID]: uuid, ...others } = changes;
  if (Object.keys(others).length > 0)
    throw new Refusal(400, 53411853, 'A group cannot be restored and changed in other ways by one request.');
  const target = snapshotsOf(group.$id, world).find((snapshot) => isMeant(snapshot, uuid, name));
  if (!target) throw noEntry('restore_to.snapshot');
  if (isStale(target, world) || isWaiting(target)) {
    throw new Refusal(
      400,
      53411918,
      `The snapshot "${text(target, 'name')}" has lost a part, and cannot be restored.`,
      'restore_to.snapshot',
    );
  }
  return { [TARGET]: target.$id };
};

/** Snapshots of a group, and of those above and below it, with the number of their parts. */
const countedAround = (group: Entry, world: World) => {
  const parent = parentOf(group, world);
  return [group, ...(parent ? [parent] : []), ...childrenOf(group, world)].flatMap(({ $id }) =>
    snapshotsOf($id, world).map((snapshot) => ({ snapshot, parts: partsLeft(snapshot, world).length })),
  );
};

/**
 * When the work is done: sets each volume back that the snapshot is of. Snapshots of the group that are newer go with
 * those of its volumes, and so do those of the groups above and below it of which nothing is left.
 */
export const restoreGroup = (group: Entry, { world }: Context): void => {
  const wanted = findText(group, TARGET);
  if (wanted === undefined) return;
  world.store.change(GROUP, group.$id, { [TARGET]: undefined });
  const target = world.store.find(GROUP_SNAPSHOT, wanted);
  if (!target) throw noEntry('restore_to.snapshot');
  const before = countedAround(group, world);
  for (const part of partsLeft(target, world)) {
    const volume = world.store.get('volume', text(part, 'volume'));
    if (text(volume, 'state') !== 'online')
      throw new Refusal(400, 9437885, `The volume "${text(volume, 'name')}" is not online.`);
    const parameters = { 'restore_to.snapshot.uuid': text(part, 'snapshot') };
    const [unit] = isDisaggregatedSan(world) ? world.store.by('storage_unit', 'location.volume', volume.$id) : [];
    const what = unit ? { kind: 'storage_unit', id: unit.$id } : { kind: 'volume', id: volume.$id };
    applyOperation({ verb: 'modify', ...what, values: {}, unset: [], parameters }, world);
  }
  for (const { snapshot, parts } of before) {
    const left = partsLeft(snapshot, world).length;
    if (left < parts && (left === 0 || snapshot['consistency_group'] === group.$id))
      world.store.remove(GROUP_SNAPSHOT, snapshot.$id);
  }
};
