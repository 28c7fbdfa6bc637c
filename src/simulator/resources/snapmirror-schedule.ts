import { text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { policyOf, RELATIONSHIP, runningTransfer, startTransfer } from './snapmirror-run.ts';

const scheduleOf = (relationship: Entry, world: World) =>
  text(relationship, 'transfer_schedule') || text(policyOf(relationship, world), 'transfer_schedule');

/** A schedule runs: mirrors that go by it are brought up to date. */
export const runScheduledTransfers = (schedule: Entry, world: World): void => {
  for (const relationship of world.store.all(RELATIONSHIP)) {
    if (text(relationship, '$side') !== 'destination' || text(relationship, 'state') !== 'snapmirrored') continue;
    if (scheduleOf(relationship, world) === schedule.$id && !runningTransfer(relationship.$id, world))
      startTransfer(relationship.$id, 'update', world);
  }
};
