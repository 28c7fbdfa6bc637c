import { text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { policyOf, RELATIONSHIP, runningTransfer, startTransfer } from './snapmirror-run.ts';

const scheduleOf = (relationship: Entry, world: World) =>
  text(relationship, 'transfer_schedule') || text(policyOf(relationship, world), 'transfer_schedule');

/** Mirrors that go by the schedule, whatever their state. */
export const scheduledRelationships = (schedule: Entry, world: World): readonly Entry[] =>
  world.store
    .all(RELATIONSHIP)
    .filter(
      (relationship) =>
        text(relationship, '$side') === 'destination' && scheduleOf(relationship, world) === schedule.$id,
    );

/** A schedule runs: mirrors that go by it are brought up to date. */
export const runScheduledTransfers = (schedule: Entry, world: World): void => {
  for (const relationship of scheduledRelationships(schedule, world))
    if (text(relationship, 'state') === 'snapmirrored' && !runningTransfer(relationship.$id, world))
      startTransfer(relationship.$id, 'update', world);
};
