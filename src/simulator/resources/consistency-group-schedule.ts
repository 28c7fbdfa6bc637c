import { integer, text, type Entry } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { GROUP, membersOf, PARENT } from './consistency-group-members.ts';
import { GROUP_SNAPSHOT, snapshotsOf } from './consistency-group-parts.ts';
import { isWaiting } from './consistency-group-phase.ts';
import { pastCount, scheduledMarks, stampedName } from './snapshot-copies.ts';
import { freeNameAmong } from './snapshot-make.ts';

/** The groups, at the top or in others, that go by a snapshot policy. */
export const groupsWith = (policy: string, world: World): readonly Entry[] =>
  world.store.by(GROUP, 'snapshot_policy', policy);

/** Groups that have others come first. */
export const byDepth = (a: Entry, b: Entry): number => Number(text(a, PARENT) !== '') - Number(text(b, PARENT) !== '');

/** Does what is refused at times, such as a snapshot of a volume that is offline; then all stays as it was. */
const attempt = (work: () => void) => {
  try {
    work();
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
  }
};

const madeBy = (group: Entry, prefix: string, world: World): readonly Entry[] =>
  snapshotsOf(group.$id, world)
    .filter((snapshot) => snapshot['$scheduled'] === prefix)
    .toSorted((a, b) => integer(a, '$made') - integer(b, '$made'));

const freeName = (group: Entry, name: string, world: World): string =>
  freeNameAmong(
    [
      ...snapshotsOf(group.$id, world),
      ...membersOf(group, world).flatMap((volume) => world.store.by('snapshot', 'volume', volume.$id)),
    ],
    name,
  );

/**
 * A schedule runs: the group gets a snapshot and loses the oldest of those that its policy's copies made before, as a
 * volume does. It is one of all volumes, or none. Those that something stands on stay.
 */
export const takeGroupSnapshot = (group: Entry, copy: Entry, world: World): void => {
  if (snapshotsOf(group.$id, world).some(isWaiting)) return;
  const id = world.random.uuid(GROUP_SNAPSHOT);
  const values = {
    uuid: id,
    name: freeName(group, stampedName(copy, world), world),
    consistency_group: group.$id,
    svm: text(group, 'svm'),
    consistency_type: 'crash',
    $made: world.clock.now(),
    ...scheduledMarks(copy),
  };
  const kind = GROUP_SNAPSHOT;
  attempt(() => applyOperation({ verb: 'create', kind, id, values, unset: [], parameters: {} }, world));
  for (const { $id } of pastCount(madeBy(group, text(copy, 'prefix'), world), copy))
    attempt(() => applyOperation({ verb: 'remove', kind, id: $id, values: {}, unset: [], parameters: {} }, world));
};
