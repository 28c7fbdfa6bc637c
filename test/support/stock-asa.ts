import { at, textAt, type OntapReply, type OntapSession } from './ontap-session.ts';
import { stockClient } from './stock-client.ts';

/**
 * The requests that the stock ASA r2 drivers send, one function per operation, with the paths, fields, bodies and
 * statuses that they insist on. A call that answers otherwise throws, as it fails there. Publishing is that of the
 * unified drivers.
 */

const LUN_INFO =
  'lun_maps.igroup.name,lun_maps.logical_unit_number,space.size,comment,qos_policy.name,status.mapped,location.volume.name,create_time,enabled,serial_number,status.state,os_type';
const NAMESPACE_INFO = 'os_type,location.volume.name,space.size,space.block_size,status.state,comment';
const UNIT_INFO =
  'uuid,name,type,space.size,comment,qos_policy.name,create_time,enabled,serial_number,status.state,os_type';
const VOLUME_INFO =
  'type,size,comment,aggregates,nas,guarantee,snapshot_policy,snapshot_directory_access_enabled,space.snapshot.used,space.snapshot.reserve_percent,nas.export_policy.name,autosize.mode';
const UNITS = '/storage/storage-units';
const LUN_ATTRIBUTES = { 'com.netapp.ndvp.fstype': 'ext4', context: 'csi', LUKS: 'false', poolName: 'p1' };

export interface StockAsa {
  open(protocol: 'iscsi' | 'nvme'): Promise<void>;
  createLun(name: string, bytes: number): Promise<void>;
  createNamespace(name: string, bytes: number): Promise<void>;
  resizeLun(name: string, bytes: number): Promise<void>;
  resizeNamespace(name: string, bytes: number): Promise<void>;
  createSnapshot(name: string, snapshot: string): Promise<void>;
  deleteSnapshot(name: string, snapshot: string): Promise<OntapReply>;
  restoreSnapshot(name: string, snapshot: string): Promise<void>;
  clone(kind: 'lun' | 'namespace', source: string, snapshot: string | undefined, name: string): Promise<void>;
  split(name: string): Promise<void>;
  children(name: string, snapshot: string): Promise<readonly string[]>;
  rename(kind: 'lun' | 'namespace', name: string, wanted: string): Promise<void>;
  listVolumes(kind: 'lun' | 'namespace', prefix: string): Promise<readonly string[]>;
  removeLun(name: string): Promise<void>;
  removeNamespace(name: string): Promise<void>;
  /** What a publish reads first. */
  volume(name: string): Promise<unknown>;
}

export const stockAsa = (array: OntapSession, svm: string): StockAsa => {
  const { get, list, one, change, succeed } = stockClient(array);

  const lun = (name: string, fields = LUN_INFO) => one(`/storage/luns?svm.uuid=${svm}&name=${name}&fields=${fields}`);
  const namespace = (name: string, fields = NAMESPACE_INFO) =>
    one(`/storage/namespaces?svm.uuid=${svm}&name=${name}&fields=${fields}`);
  const unit = (name: string) => one(`${UNITS}?svm.uuid=${svm}&name=${name}&fields=${UNIT_INFO}`);
  const find = { lun, namespace };
  const lunUuid = async (name: string) => textAt(await lun(name, ''), 'uuid');

  const mustBeAbsent = (found: unknown, name: string) => {
    if (found !== undefined) throw new Error(`${name} exists`);
  };
  const getSnapshot = async (name: string, snapshot: string) => {
    const uuid = textAt(await unit(name), 'uuid');
    const found = await one(`${UNITS}/${uuid}/snapshots?name=${snapshot}&fields=**`);
    return found === undefined
      ? undefined
      : { unit: uuid, snapshot: textAt(found, 'uuid'), created: textAt(found, 'create_time') };
  };

  return {
    open: async (protocol) => {
      const flags = await get('/cluster?fields=san_optimized,disaggregated&ignore_unknown_fields=true');
      await get('/cluster?fields=**');
      if (at(flags, 'san_optimized') !== true || at(flags, 'disaggregated') !== true) throw new Error('not ASA r2');
      if (!(await one('/svm/svms?name=svm0&fields='))) throw new Error('no SVM');
      await get('/cluster/nodes?name=*&fields=serial_number');
      const service = protocol === 'iscsi' ? 'data_iscsi' : 'data_nvme_tcp';
      const lifs = await list(`/network/ip/interfaces?services=${service}&svm.uuid=${svm}&fields=ip.address,state`);
      if (!lifs.some((lif) => at(lif, 'state') === 'up')) throw new Error('no LIF');
      if (protocol === 'nvme') return;
      const [credential] = await list(
        `/protocols/san/iscsi/credentials?initiator=default&svm.uuid=${svm}&return_records=true&fields=svm.name,chap.inbound.user,chap.outbound.user,initiator,authentication_type`,
      );
      textAt(credential, 'authentication_type');
      await get(`/protocols/san/igroups?name=*&svm.uuid=${svm}&fields=name`);
    },

    createLun: async (name, bytes) => {
      mustBeAbsent(await lun(name), name);
      await succeed([201, 202], 'POST', '/storage/luns?return_records=true', {
        name,
        os_type: 'linux',
        space: { size: bytes },
        svm: { uuid: svm },
      });
      for (const [attribute, value] of Object.entries(LUN_ATTRIBUTES)) {
        const uuid = textAt(await lun(name, 'attributes.name'), 'uuid');
        await array.expect(201, 'POST', `/storage/luns/${uuid}/attributes`, { name: attribute, value });
      }
    },

    createNamespace: async (name, bytes) => {
      mustBeAbsent(await namespace(name), name);
      const comment = '{"nsAttribute":{"com.netapp.ndvp.fstype":"ext4","driverContext":"csi","formatOptions":""}}';
      const body = { name, os_type: 'linux', space: { size: bytes, block_size: 4096 }, comment, svm: { uuid: svm } };
      await succeed([201, 202], 'POST', '/storage/namespaces?return_records=true', body);
      textAt(await namespace(name), 'uuid');
    },

    resizeLun: async (name, bytes) => {
      await lun(name);
      await lun(name, 'space.size');
      const reply = await array.send('PATCH', `/storage/luns/${await lunUuid(name)}`, { space: { size: bytes } });
      if (![200, 202].includes(reply.status)) throw new Error(`resize: ${reply.status}`);
    },

    resizeNamespace: async (name, bytes) => {
      const uuid = textAt(await namespace(name), 'uuid');
      await succeed([200, 202], 'PATCH', `/storage/namespaces/${uuid}`, { space: { size: bytes } });
    },

    createSnapshot: async (name, snapshot) => {
      mustBeAbsent(await getSnapshot(name, snapshot), snapshot);
      const uuid = textAt(await unit(name), 'uuid');
      await succeed([201, 202], 'POST', `${UNITS}/${uuid}/snapshots`, { name: snapshot });
      if (!(await getSnapshot(name, snapshot))) throw new Error(`${snapshot} is not there`);
    },

    deleteSnapshot: async (name, snapshot) => {
      await getSnapshot(name, snapshot);
      const found = await getSnapshot(name, snapshot);
      if (!found) throw new Error(`${snapshot} is not there`);
      return change([200, 202], 'DELETE', `${UNITS}/${found.unit}/snapshots/${found.snapshot}`);
    },

    restoreSnapshot: async (name, snapshot) => {
      await succeed(
        [200, 202],
        'PATCH',
        `${UNITS}/${textAt(await unit(name), 'uuid')}?restore_to.snapshot.name=${snapshot}`,
      );
    },

    clone: async (kind, source, snapshot, name) => {
      if (!(await find[kind](source))) throw new Error(`${source} is not there`);
      mustBeAbsent(await unit(name), name);
      const origin = {
        storage_unit: { uuid: textAt(await unit(source), 'uuid') },
        ...(snapshot === undefined ? {} : { snapshot: { name: snapshot } }),
        svm: { uuid: svm },
      };
      const reply = await change([201, 202], 'POST', `${UNITS}?return_records=true`, {
        name,
        svm: { uuid: svm },
        clone: { source: origin, is_flexclone: true },
      });
      if (at(reply.body, 'state') !== 'success') throw new Error(`clone: ${JSON.stringify(reply.body)}`);
      if (!(await find[kind](name))) throw new Error(`${name} is not there`);
    },

    split: async (name) => {
      await succeed([200, 202], 'PATCH', `${UNITS}/${textAt(await unit(name), 'uuid')}`, {
        clone: { split_initiated: true },
      });
    },

    children: async (name, snapshot) => {
      const found = await list(
        `${UNITS}?svm.uuid=${svm}&clone.source.storage_unit.name=${name}&clone.source.snapshot.name=${snapshot}&fields=name`,
      );
      return found
        .filter(
          (each) =>
            at(each, 'clone', 'source', 'storage_unit', 'name') === name &&
            at(each, 'clone', 'source', 'snapshot', 'name') === snapshot,
        )
        .map((each) => textAt(each, 'name'));
    },

    rename: async (kind, name, wanted) => {
      const uuid = textAt(await find[kind](name), 'uuid');
      await succeed([200, 202], 'PATCH', `/storage/${kind}s/${uuid}`, { name: wanted });
    },

    listVolumes: async (kind, prefix) => {
      const volumes = await list(
        `/storage/volumes?svm.uuid=${svm}&name=${prefix}*&state=online&style=flexvol&fields=${VOLUME_INFO}`,
      );
      const names = new Set(volumes.map((each) => textAt(each, 'name')));
      const units =
        kind === 'lun'
          ? await list(`/storage/luns?svm.uuid=${svm}&name=${prefix}*&fields=${LUN_INFO}`)
          : await list(`/storage/namespaces?svm.uuid=${svm}&name=${prefix}*&fields=${NAMESPACE_INFO}`);
      return units
        .filter((each) => names.has(textAt(each, 'location', 'volume', 'name')))
        .map((each) => textAt(each, 'name'));
    },

    removeLun: async (name) => {
      if (!(await lun(name))) return;
      const reply = await array.send('DELETE', `/storage/luns/${await lunUuid(name)}`);
      if (![200, 202].includes(reply.status)) throw new Error(`delete: ${reply.status} ${JSON.stringify(reply.body)}`);
    },

    removeNamespace: async (name) => {
      if (!(await namespace(name))) return;
      await succeed([200, 202], 'DELETE', `/storage/namespaces/${textAt(await namespace(name), 'uuid')}`);
    },

    volume: (name) => one(`/storage/volumes?svm.uuid=${svm}&name=${name}&style=flexvol&fields=${VOLUME_INFO}`),
  };
};
