import type { Context, Fields } from '../core/declaration.ts';
import { flag, objects, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { aggregateSpace } from './aggregate.ts';
import { planPart, type Part } from './request-parts.ts';
import { planPolicy, planShares, type NewPolicies } from './volume-access.ts';

/** Volumes for which the system chooses the aggregate. */

/** Members of a volume that is placed by the system, which are members of a volume under `/storage/volumes` too. */
export const PASSED: Fields = {
  name: { kind: 'string', required: true },
  type: { kind: 'enum', values: ['rw', 'dp'] },
  comment: { kind: 'string' },
  'space.size': { kind: 'size', required: true },
  'space.snapshot.reserve_percent': { kind: 'integer' },
  'guarantee.type': { kind: 'enum', values: ['volume', 'none'] },
  'encryption.enabled': { kind: 'boolean' },
  'tiering.policy': { kind: 'enum', values: ['all', 'auto', 'none', 'snapshot_only'] },
  'nas.path': { kind: 'string' },
  'nas.gid': { kind: 'integer' },
  'nas.uid': { kind: 'integer' },
  'nas.security_style': { kind: 'enum', values: ['mixed', 'ntfs', 'unified', 'unix'] },
  'nas.unix_permissions': { kind: 'integer' },
  'nas.export_policy.name': { kind: 'string' },
  'qos.policy.name': { kind: 'string' },
  'qos.policy.uuid': { kind: 'string' },
  'snapshot_policy.name': { kind: 'string' },
  'snapshot_policy.uuid': { kind: 'string' },
  snapshot_directory_access_enabled: { kind: 'boolean' },
  snapshot_locking_enabled: { kind: 'boolean' },
};

const excludes = (volume: StoredObject, aggregate: Entry): boolean =>
  objects(volume, 'exclude_aggregates').some(
    (each) => text(each, 'uuid') === aggregate.$id || text(each, 'name') === text(aggregate, 'name'),
  );

/** The aggregates that a volume may go to, the one with most space first. */
const candidates = (volume: StoredObject, svm: Entry, world: World): readonly Entry[] => {
  const delegated = texts(svm, 'aggregates');
  const free = new Map(
    world.store.all('aggregate').map((aggregate) => [aggregate.$id, aggregateSpace(aggregate, world).available]),
  );
  const found = world.store
    .all('aggregate')
    .filter(
      (aggregate) => (delegated.length === 0 || delegated.includes(aggregate.$id)) && !excludes(volume, aggregate),
    )
    .sort((a, b) => (free.get(b.$id) ?? 0) - (free.get(a.$id) ?? 0));
  if (found.length === 0)
    throw new Refusal(
      400,
      5440509,
      `There is no suitable storage for the volume "${text(volume, 'name')}".`,
      'volumes',
    );
  return found;
};

/** The body of the POST that makes the volume where the system wants it. */
const bodyOf = (volume: StoredObject, svm: Entry, world: World): Record<string, unknown> => {
  const passed = Object.fromEntries(
    Object.keys(PASSED)
      .filter((path) => volume[path] !== undefined)
      .map((path) => [path, volume[path]]),
  );
  const possible = candidates(volume, svm, world);
  const placed = flag(volume, 'scale_out') ? possible : possible.slice(0, 1);
  return {
    ...passed,
    'svm.uuid': svm.$id,
    style: flag(volume, 'scale_out') ? 'flexgroup' : 'flexvol',
    aggregates: placed.map(({ $id }) => ({ uuid: $id })),
    ...(flag(volume, 'scale_out') ? { constituents_per_aggregate: 1 } : {}),
  };
};

/** A volume that the system places, and what is made before and after it. */
export interface Placed {
  readonly entry: Entry;
  readonly parts: readonly Part[];
}

/** Plans a volume that the system places, with its export policy and shares. */
export const planVolume = (volume: StoredObject, svm: Entry, policies: NewPolicies, context: Context): Placed => {
  const { policy, parts } = planPolicy(volume, svm.$id, policies, context);
  const { 'nas.export_policy.name': _name, ...others } = volume;
  const planned = planPart('volume', bodyOf(policy === undefined ? volume : others, svm, context.world), context);
  const entry = policy === undefined ? planned : { ...planned, 'nas.export_policy': policy };
  return { entry, parts: [...parts, { kind: 'volume', entry }, ...planShares(volume, svm.$id, context)] };
};
