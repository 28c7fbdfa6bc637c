import type { Field, Resource } from '../core/declaration.ts';
import { flag, integer, text, texts, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { volumeSpace } from './volume-space.ts';

/** `volume show` and `vserver show`, as the CLI passthrough answers them: other views of what REST shows. */

const nameOf = (kind: string, id: string | undefined, world: World): string | undefined =>
  id === undefined ? undefined : text(world.store.find(kind, id) ?? {}, 'name') || undefined;

const column = (read: (entry: Entry, world: World) => ReturnType<NonNullable<Field['compute']>>, kind: Field['kind']) =>
  readOnly(kind, { compute: read });

const key = (read: (entry: Entry, world: World) => string | undefined): Field =>
  readOnly('string', { key: true, compute: read });

const percent = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.floor((part / whole) * 100));

/** `volume show`; constituents and system volumes are not listed. */
export const cliVolume: Resource = {
  kind: 'cli_volume',
  path: '/private/cli/volume',
  keys: [],
  order: ['name', 'uuid'],
  passthrough: true,
  fields: {
    vserver: key((entry, world) => nameOf('svm', text(entry, 'svm'), world)),
    volume: key((entry) => text(entry, 'name')),
    aggregate: column((entry, world) => nameOf('aggregate', texts(entry, 'aggregates')[0], world), 'string'),
    size: column((entry) => integer(entry, 'size'), 'size'),
    state: column((entry) => text(entry, 'state'), 'string'),
    type: column((entry) => text(entry, 'type'), 'string'),
    comment: column((entry) => text(entry, 'comment'), 'string'),
    instance_uuid: column((entry) => entry.$id, 'string'),
    msid: column((entry) => entry['msid'], 'integer'),
    volume_style_extended: column((entry) => text(entry, 'style'), 'string'),
    junction_path: column((entry) => entry['nas.path'], 'string'),
    policy: column((entry, world) => nameOf('export_policy', text(entry, 'nas.export_policy'), world), 'string'),
    security_style: column((entry) => text(entry, 'nas.security_style'), 'string'),
    snapshot_policy: column(
      (entry, world) => nameOf('snapshot_policy', text(entry, 'snapshot_policy'), world),
      'string',
    ),
    space_guarantee: column((entry) => text(entry, 'guarantee.type'), 'string'),
    percent_snapshot_space: column((entry) => integer(entry, 'space.snapshot.reserve_percent'), 'integer'),
    available: column((entry) => volumeSpace(entry).available, 'size'),
    total: column((entry) => volumeSpace(entry).afs, 'size'),
    used: column((entry) => volumeSpace(entry).used, 'size'),
    percent_used: column((entry) => percent(volumeSpace(entry).used, volumeSpace(entry).afs), 'integer'),
    is_cluster_volume: column(() => true, 'boolean'),
    vsroot: column((entry) => flag(entry, 'is_svm_root'), 'boolean'),
  },
  derived: (_parameters, world) => world.store.all('volume'),
};

/** `vserver show`: data SVMs. */
export const cliVserver: Resource = {
  kind: 'cli_vserver',
  path: '/private/cli/vserver',
  keys: [],
  order: ['name'],
  passthrough: true,
  fields: {
    vserver: key((entry) => text(entry, 'name')),
    uuid: column((entry) => entry.$id, 'string'),
    type: column(() => 'data', 'string'),
    subtype: column((entry) => text(entry, 'subtype'), 'string'),
    admin_state: column((entry) => text(entry, 'state'), 'string'),
    operational_state: column((entry) => text(entry, 'state'), 'string'),
    comment: column((entry) => text(entry, 'comment'), 'string'),
    language: column((entry) => text(entry, 'language'), 'string'),
    ipspace: column((entry) => text(entry, 'ipspace.name'), 'string'),
    rootvolume: column(
      (entry, world) =>
        world.store.by('volume', 'svm', entry.$id).find((volume) => flag(volume, 'is_svm_root'))?.['name'],
      'string',
    ),
    aggr_list: column(
      (entry, world) => texts(entry, 'aggregates').flatMap((id) => nameOf('aggregate', id, world) ?? []),
      'strings',
    ),
    snapshot_policy: column(
      (entry, world) => nameOf('snapshot_policy', text(entry, 'snapshot_policy'), world),
      'string',
    ),
  },
  derived: (_parameters, world) => world.store.all('svm').map((svm) => ({ ...svm, svm: svm.$id, $id: svm.$id })),
};
