import type { Action, Resource } from '../core/declaration.ts';
import { integer, text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { readOnly } from './common.ts';
import { volumeCharges } from './volume-space.ts';

export const RECOVERY_QUEUE = 'recovery_queue';

const RETENTION_HOURS = 12;
const HOUR_MS = 60 * 60 * 1000;

/** `volume recovery-queue show`: deleted volumes, for twelve hours on the simulated clock. */
export const recoveryQueue: Resource = {
  kind: RECOVERY_QUEUE,
  path: '/private/cli/volume/recovery-queue',
  keys: [],
  order: ['volume'],
  passthrough: true,
  fields: {
    vserver: readOnly('string', {
      key: true,
      compute: (entry, world) => text(world.store.get('svm', text(entry, 'svm')), 'name'),
    }),
    volume: readOnly('string', { key: true }),
    deletion_request_time: readOnly('time'),
    retention_hours: readOnly('integer', { compute: () => RETENTION_HOURS }),
    size: readOnly('size'),
  },
  indexes: ['svm', 'msid', 'volume'],
  charges: volumeCharges,
  alarm: {
    due: (entry) => integer(entry, '$deleted') + RETENTION_HOURS * HOUR_MS,
    ring: (entry, world) => world.store.remove(RECOVERY_QUEUE, entry.$id),
  },
};

/** `volume recovery-queue purge`: the volume is gone, and its space is free. */
export const purgeRecoveryQueue: Action = {
  method: 'POST',
  path: '/private/cli/volume/recovery-queue/purge',
  fields: { vserver: { kind: 'string' }, volume: { kind: 'string' } },
  plan: ({ vserver, volume }, { world }) => {
    const found = world.store
      .by(RECOVERY_QUEUE, 'volume', String(volume ?? ''))
      .find((entry) => vserver === undefined || text(world.store.get('svm', text(entry, 'svm')), 'name') === vserver);
    if (!found) throw new Refusal(404, 4, "entry doesn't exist");
    return {
      operation: { verb: 'remove', kind: RECOVERY_QUEUE, id: found.$id, values: {}, unset: [], parameters: {} },
      svm: text(found, 'svm'),
    };
  },
};
