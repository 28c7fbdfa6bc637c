import type { Fields } from '../core/declaration.ts';
import { flag, integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';

export const QUOTA_RULE = 'quota_rule';

export const rulesOf = (volume: string, world: World): readonly Entry[] => world.store.by(QUOTA_RULE, 'volume', volume);

/** Whether quotas are switched on, be they still on their way. */
export const isQuotaOn = (volume: Entry): boolean => flag(volume, 'quota.enabled');

/** Whether a job that is under way switches quotas on. */
const isSwitchingOn = (volume: Entry, world: World): boolean =>
  world.jobs.workOn(volume.$id).some(({ operation }) => flag(operation.values, 'quota.enabled'));

export const QUOTA_STATES = ['corrupt', 'initializing', 'mixed', 'off', 'on', 'resizing'];

/** `off`, `initializing`, `on`, `resizing`; or the one that a test holds. */
export const quotaState = (volume: Entry, world: World): string => {
  const set = text(volume, '$quota_state');
  if (set !== '') return set;
  if (!isQuotaOn(volume)) return isSwitchingOn(volume, world) ? 'initializing' : 'off';
  return world.clock.now() < integer(volume, '$quota_due') ? text(volume, '$quota_phase') : 'on';
};

export const quotaFields: Fields = {
  'quota.enabled': { kind: 'boolean', write: 'modify', expensive: true },
  'quota.state': {
    kind: 'enum',
    write: 'never',
    expensive: true,
    values: QUOTA_STATES,
    compute: quotaState,
  },
};

const enterPhase = (volume: Entry, phase: 'initializing' | 'resizing', world: World) => {
  const { quotaMs } = world.pace;
  if (quotaMs > 0)
    world.store.change('volume', volume.$id, { $quota_phase: phase, $quota_due: world.clock.now() + quotaMs });
};

/** After a PATCH of a volume. */
export const switchQuotas = (after: Entry, before: Entry, world: World): void => {
  if (isQuotaOn(after) === isQuotaOn(before)) return;
  if (!isQuotaOn(after)) {
    world.store.change('volume', after.$id, { $quota_phase: undefined, $quota_due: undefined });
    return;
  }
  // ONTAP has a code of its own for it, which no source names.
  if (rulesOf(after.$id, world).length === 0)
    throw new Refusal(400, 460770, `Volume "${text(after, 'name')}" has no quota rules; quotas stay off.`);
  enterPhase(after, 'initializing', world);
};

/** Rules changed: quotas that are on are fitted to them. */
export const resizeQuotas = (volume: string, world: World): void => {
  const entry = world.store.find('volume', volume);
  if (entry && quotaState(entry, world) === 'on') enterPhase(entry, 'resizing', world);
};
