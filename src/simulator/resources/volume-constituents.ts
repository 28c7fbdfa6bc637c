import type { Fields } from '../core/declaration.ts';
import { integer, text, texts, type Entry } from '../core/entry.ts';
import { uuidOf } from '../core/random.ts';
import { parseBoolean } from '../core/scalars.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { nodeOf } from './volume-node.ts';
import { spaceFields, split } from './volume-space.ts';

/** Constituents of a FlexGroup: they are no records of their own, but what each aggregate holds of the group's. */

const VOLUME = 'volume';

/** What belongs to the group as a whole. */
const OF_GROUP = ['nas.path', 'comment', 'msid', 'quota.enabled', 'constituent_count', 'constituents_per_aggregate'];

const stateOf = (group: Entry, aggregate: string, world: World): string => {
  const state = text(group, 'state');
  if (state !== 'mixed' && state !== 'online') return state;
  return text(world.store.get('aggregate', aggregate), 'state') === 'online' ? 'online' : 'offline';
};

const constituentOf = (group: Entry, aggregate: string, index: number, parts: number, world: World): Entry => {
  const share = (member: string) => split(integer(group, member), parts, index);
  const uuid = uuidOf(`${group.$id}/constituent/${index}`);
  const inherited = Object.entries(group).filter(([path]) => !OF_GROUP.includes(path) && !path.startsWith('clone.'));
  return {
    ...Object.fromEntries(inherited),
    $id: uuid,
    uuid,
    name: `${text(group, 'name')}__${String(index + 1).padStart(4, '0')}`,
    style: 'flexgroup_constituent',
    state: stateOf(group, aggregate, world),
    flexgroup: group.$id,
    aggregates: [aggregate],
    $layout: [aggregate],
    size: share('size'),
    $used: share('$used'),
    $snapshots_used: share('$snapshots_used'),
    $held: share('$held'),
    'clone.inherited_physical_used': share('clone.inherited_physical_used'),
  };
};

/** Those of a FlexGroup, in their order; none of another volume. */
export const constituentsOf = (group: Entry, world: World): readonly Entry[] => {
  const layout = texts(group, '$layout');
  if (text(group, 'style') !== 'flexgroup') return [];
  return layout.map((aggregate, index) => constituentOf(group, aggregate, index, layout.length, world));
};

/** `is_constituent=true` lists constituents alone, `*` volumes and constituents. */
export const listedConstituents = (
  parameters: Readonly<Record<string, string>>,
  world: World,
): readonly Entry[] | undefined => {
  const wanted = parameters['is_constituent'] ?? 'false';
  if (wanted !== '*' && parseBoolean(wanted) !== true) return undefined;
  const volumes = world.store.all(VOLUME);
  return [...(wanted === '*' ? volumes : []), ...volumes.flatMap((volume) => constituentsOf(volume, world))].sort(
    (a, b) => world.store.compare(VOLUME, a, b),
  );
};

/** Space of one constituent that ONTAP shows in its FlexGroup. */
const SPACE = [
  'afs_total',
  'available',
  'available_percent',
  'block_storage_inactive_user_data',
  'capacity_tier_footprint',
  'footprint',
  'large_size_enabled',
  'local_tier_footprint',
  'logical_space',
  'max_size',
  'metadata',
  'over_provisioned',
  'performance_tier_footprint',
  'size',
  'snapshot',
  'total_footprint',
  'total_metadata',
  'total_metadata_footprint',
  'used',
  'used_by_afs',
];

const shownSpace = Object.fromEntries(
  Object.entries(spaceFields).filter(([path]) => SPACE.includes(path.split('.')[1] ?? '')),
);

export const constituentFields: Fields = {
  flexgroup: { kind: 'ref', to: VOLUME, write: 'never', expensive: true },
  constituent_count: {
    kind: 'integer',
    write: 'create',
    expensive: true,
    minimum: 1,
    compute: (volume) => (text(volume, 'style') === 'flexgroup' ? texts(volume, '$layout').length : undefined),
  },
  constituents: {
    kind: 'objects',
    write: 'never',
    expensive: true,
    of: {
      name: { kind: 'string' },
      aggregates: { kind: 'ref', to: 'aggregate', compute: (entry) => texts(entry, 'aggregates')[0] },
      node: { kind: 'ref', to: 'node', since: '9.14.1', compute: (entry, world) => nodeOf(entry, world)?.$id },
      ...shownSpace,
      'space.used_percent': readOnly('integer', {
        compute: (entry, world) => spaceFields['space.percent_used']?.compute?.(entry, world),
      }),
    },
    compute: (volume, world) => {
      const constituents = constituentsOf(volume, world);
      return constituents.length === 0 ? undefined : constituents;
    },
  },
};
