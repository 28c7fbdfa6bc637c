import type { Field, Resource } from '../core/declaration.ts';
import { flag, integer, text, texts, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { clusterOf } from './lookups.ts';
import { uptimeOf } from './node.ts';
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
    ipspace: column((entry, world) => nameOf('ipspace', text(entry, 'ipspace'), world), 'string'),
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

const timeOf = (entry: Entry, path: string) => entry[path];
const volumeOf = (entry: Entry, world: World) => nameOf('volume', text(entry, 'volume'), world);
const svmOf = (entry: Entry, world: World) => nameOf('svm', text(entry, 'svm'), world);

/** A view of the records of one kind. */
const view = (command: string, kind: string, order: readonly string[], fields: Resource['fields']): Resource => ({
  kind: `cli_${command.replaceAll(/[/-]/g, '_')}`,
  path: `/private/cli/${command}`,
  keys: [],
  order,
  passthrough: true,
  fields,
  derived: (_parameters, world) => world.store.all(kind),
});

/** `volume snapshot show`, `volume qtree show`, `volume efficiency show`, `snapmirror show`, … */
export const cliViews: readonly Resource[] = [
  view('volume/snapshot', 'snapshot', ['volume', '$order'], {
    vserver: key(svmOf),
    volume: key(volumeOf),
    snapshot: key((entry) => text(entry, 'name')),
    create_time: column((entry) => timeOf(entry, 'create_time'), 'time'),
    size: column((entry) => integer(entry, 'size'), 'size'),
    comment: column((entry) => entry['comment'], 'string'),
    snapmirror_label: column((entry) => entry['snapmirror_label'], 'string'),
    state: column((entry) => text(entry, 'state'), 'string'),
    instance_uuid: column((entry) => entry.$id, 'string'),
    version_uuid: column((entry) => text(entry, 'version_uuid'), 'string'),
  }),
  view('qtree', 'qtree', ['volume', 'id'], {
    vserver: key(svmOf),
    volume: key(volumeOf),
    qtree: key((entry) => text(entry, 'name')),
    qtree_id: column((entry) => integer(entry, 'id'), 'integer'),
    security_style: column((entry) => text(entry, 'security_style'), 'string'),
    export_policy: column((entry, world) => nameOf('export_policy', text(entry, 'export_policy'), world), 'string'),
    status: column(() => 'normal', 'string'),
  }),
  view('snapmirror', 'snapmirror_relationship', ['destination.path'], {
    source_path: key((entry) => text(entry, 'source.path')),
    destination_path: key((entry) => text(entry, 'destination.path')),
    relationship_id: column((entry) => entry.$id, 'string'),
    policy: column((entry, world) => nameOf('snapmirror_policy', text(entry, 'policy'), world), 'string'),
    schedule: column((entry, world) => nameOf('schedule', text(entry, 'transfer_schedule'), world), 'string'),
    state: column((entry) => text(entry, 'state'), 'string'),
    healthy: column((entry) => flag(entry, 'healthy'), 'boolean'),
  }),
  view('network/interface', 'ip_interface', ['name'], {
    vserver: key((entry, world) => svmOf(entry, world) ?? nameOf('cluster', clusterOf(world).$id, world)),
    lif: key((entry) => text(entry, 'name')),
    address: column((entry) => text(entry, 'ip.address'), 'string'),
    home_node: column((entry, world) => nameOf('node', text(entry, 'location.home_node'), world), 'string'),
    home_port: column((entry) => text(entry, 'location.home_port.name'), 'string'),
    curr_node: column((entry, world) => nameOf('node', text(entry, 'location.node'), world), 'string'),
    curr_port: column((entry) => text(entry, 'location.port.name'), 'string'),
    is_home: column((entry) => entry['location.node'] === entry['location.home_node'], 'boolean'),
    status_admin: column((entry) => (flag(entry, 'enabled') ? 'up' : 'down'), 'string'),
    status_oper: column((entry) => (flag(entry, 'enabled') && !flag(entry, '$down') ? 'up' : 'down'), 'string'),
    service_policy: column((entry) => text(entry, 'service_policy.name'), 'string'),
    services: column((entry) => entry['services'], 'strings'),
  }),
  view('system/node', 'node', ['name'], {
    node: key((entry) => text(entry, 'name')),
    model: column((entry) => text(entry, 'model'), 'string'),
    serialnumber: column((entry) => text(entry, 'serial_number'), 'string'),
    systemid: column((entry) => text(entry, 'system_id'), 'string'),
    location: column((entry) => text(entry, 'location'), 'string'),
    health: column((entry) => text(entry, 'state') === 'up', 'boolean'),
    uptime: column(uptimeOf, 'integer'),
  }),
  view('lun', 'lun', ['name'], {
    vserver: key(svmOf),
    path: key((entry) => text(entry, 'name')),
    size: column((entry) => integer(entry, 'space.size'), 'size'),
    ostype: column((entry) => text(entry, 'os_type'), 'string'),
    serial: column((entry) => text(entry, 'serial_number'), 'string'),
    comment: column((entry) => entry['comment'], 'string'),
    uuid: column((entry) => entry.$id, 'string'),
  }),
  view('lun/attribute', 'lun_attribute', ['lun', 'name'], {
    vserver: key((entry, world) => svmOf(world.store.get('lun', text(entry, 'lun')), world)),
    path: key((entry, world) => nameOf('lun', text(entry, 'lun'), world)),
    attribute: key((entry) => text(entry, 'name')),
    value: column((entry) => text(entry, 'value'), 'string'),
  }),
  view('volume/efficiency/stat', 'volume', ['name'], {
    vserver: key(svmOf),
    path: key((entry) => `/vol/${text(entry, 'name')}`),
    num_compress_attempts: column(() => 0, 'integer'),
    num_compress_fail: column(() => 0, 'integer'),
  }),
];
