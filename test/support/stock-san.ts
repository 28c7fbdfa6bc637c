import { at, textAt, type OntapReply, type OntapSession } from './ontap-session.ts';
import { flexVolBody, stockClient } from './stock-client.ts';

/**
 * The requests that the stock SAN drivers send, one function per operation, with the paths, fields, bodies and statuses
 * that they insist on. A call that answers otherwise throws, as it fails there.
 */

const VOLUME_INFO =
  'type,size,comment,aggregates,nas,guarantee,snapshot_policy,snapshot_directory_access_enabled,space.snapshot.used,space.snapshot.reserve_percent,nas.export_policy.name,autosize.mode';
const LUN_INFO =
  'lun_maps.igroup.name,lun_maps.logical_unit_number,space.size,comment,qos_policy.name,status.mapped,location.volume.name,create_time,enabled,serial_number,status.state,os_type';
const MAP_FIELDS = 'svm,lun,igroup,logical-unit-number';
const MAPS = '/protocols/san/lun-maps';
const IGROUPS = '/protocols/san/igroups';

export interface StockSan {
  readonly svm: string;
  open(): Promise<void>;
  setUpChap(): Promise<void>;
  poll(): Promise<void>;
  volume(name: string, fields?: string): Promise<unknown>;
  lun(path: string, fields?: string): Promise<unknown>;
  create(name: string, bytes: number): Promise<void>;
  publish(lunPath: string, igroup: string, iqn: string, economy: boolean): Promise<PublishInfo>;
  unpublish(lunPath: string, igroup: string, economy: boolean): Promise<void>;
  createSnapshot(name: string, snapshot: string): Promise<void>;
  deleteSnapshot(name: string, snapshot: string): Promise<OntapReply>;
  restoreSnapshot(name: string, snapshot: string): Promise<void>;
  cloneFromSnapshot(source: string, snapshot: string, name: string): Promise<void>;
  splitClone(name: string): Promise<void>;
  resize(name: string, bytes: number): Promise<void>;
  remove(name: string): Promise<void>;
  importManaged(flexvol: string, name: string): Promise<void>;
  createInPool(pool: string | undefined, lunName: string, bytes: number): Promise<string>;
  cloneInPool(pool: string, source: string, name: string): Promise<void>;
  resizeInPool(pool: string, lunName: string, bytes: number): Promise<void>;
  removeFromPool(pool: string, lunName: string): Promise<void>;
  restoreInPool(pool: string, lunName: string, snapshotLun: string): Promise<void>;
}

export interface PublishInfo {
  readonly number: number;
  readonly serial: string;
  readonly iqn: string;
  readonly portals: readonly string[];
}

/** @param pools how the names of shared FlexVols begin */
export const stockSan = (array: OntapSession, svm: string, pools: string): StockSan => {
  const { get, list, one, change, ...client } = stockClient(array);
  /** Accepts a 202 and nothing else. */
  const succeed = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
    client.succeed([202], method, path, body);

  const volume = (name: string, fields = '') =>
    one(`/storage/volumes?svm.uuid=${svm}&name=${name}&style=flexvol&fields=${fields}`);
  const volumeUuid = async (name: string, fields = '') => textAt(await volume(name, fields), 'uuid');
  const patchVolume = async (name: string, body: unknown) =>
    void (await succeed('PATCH', `/storage/volumes/${await volumeUuid(name)}`, body));
  const lun = (path: string, fields = LUN_INFO) => one(`/storage/luns?svm.uuid=${svm}&name=${path}&fields=${fields}`);
  const lunUuid = async (path: string) => textAt(await lun(path, ''), 'uuid');
  const igroup = async (name: string, fields = '') =>
    (await list(`${IGROUPS}?svm.uuid=${svm}&name=${name}&fields=${fields}`))[0];

  const createVolume = async (name: string, bytes: number) => {
    await succeed(
      'POST',
      '/storage/volumes',
      flexVolBody(name, bytes, svm, {
        encryption: { enabled: false },
        nas: { security_style: 'unix', export_policy: { name: 'default' } },
      }),
    );
    if (!(await volume(name))) throw new Error(`${name} is not there after its job`);
  };
  const createLun = async (path: string, bytes: number) => {
    await array.expect(201, 'POST', '/storage/luns?return_records=true', {
      name: path,
      os_type: 'linux',
      svm: { uuid: svm },
      space: { size: bytes, guarantee: { requested: false }, scsi_thin_provisioning_support_enabled: true },
    });
    if (!(await lun(path))) throw new Error(`${path} is not there`);
  };
  const setAttributes = async (path: string) => {
    const attributes = { 'com.netapp.ndvp.fstype': 'ext4', context: 'csi', LUKS: 'false', poolName: 'p1' };
    for (const [name, value] of Object.entries(attributes)) {
      const found = await lun(path, 'attributes.name');
      const there = JSON.stringify(at(found, 'attributes') ?? []).includes(`"${name}"`);
      const own = `/storage/luns/${textAt(found, 'uuid')}/attributes`;
      if (there) await array.expect(200, 'PATCH', `${own}/${name}`, { value });
      else await array.expect(201, 'POST', own, { name, value });
    }
  };
  const unmap = async (path: string, igroupName: string) => {
    const [map] = await list(`${MAPS}?lun.name=${path}&igroup.name=${igroupName}&fields=${MAP_FIELDS}`);
    await lunUuid(path);
    await array.expect(200, 'DELETE', `${MAPS}/${textAt(map, 'lun', 'uuid')}/${textAt(map, 'igroup', 'uuid')}`);
  };
  const getSnapshot = async (name: string, snapshot: string) => {
    const uuid = await volumeUuid(name, VOLUME_INFO);
    const [found] = await list(
      `/storage/volumes/${uuid}/snapshots?name=${snapshot}&svm.uuid=${svm}&fields=name,create_time`,
    );
    if (found === undefined) return undefined;
    return { volume: uuid, snapshot: textAt(found, 'uuid'), created: textAt(found, 'create_time') };
  };
  const relationships = (query: string) => get(`/snapmirror/relationships?${query}`);
  const sizePool = async (pool: string) => {
    await volume(pool, VOLUME_INFO);
    const luns = await list(`/storage/luns?svm.uuid=${svm}&name=/vol/${pool}/*&fields=${LUN_INFO}`);
    const bytes = luns.reduce<number>((sum, each) => sum + Number(at(each, 'space', 'size')), 0);
    await patchVolume(pool, { size: Math.max(Math.ceil(bytes * 1.1), 1024 ** 3) });
  };
  const inPool = async (lunName: string) =>
    (await list(`/storage/luns?svm.uuid=${svm}&name=/vol/${pools}*/${lunName}&fields=${LUN_INFO}`))[0];
  const cloneLun = async (source: string, target: string, body: Record<string, unknown>) => {
    await array.expect(201, 'POST', '/storage/luns?return_records=true', {
      name: target,
      clone: { source: { name: source } },
      svm: { uuid: svm },
      ...body,
    });
    if (!(await lun(target))) throw new Error(`${target} is not there`);
  };

  return {
    svm,
    volume,
    lun,

    open: async () => {
      const cluster = await get('/cluster?fields=**');
      if (typeof at(cluster, 'version', 'generation') !== 'number') throw new Error('no version');
      await get('/cluster?fields=san_optimized,disaggregated&ignore_unknown_fields=true');
      if ((await list('/svm/svms?name=svm0&fields=')).length !== 1) throw new Error('no SVM');
      await get('/cluster/nodes?name=*&fields=serial_number');
      await get(`/network/ip/interfaces?services=data_iscsi&svm.uuid=${svm}&fields=ip.address,state`);
      await get(`/svm/peers?svm.uuid=${svm}&fields=peer.svm.name`);
      const aggregates = at(await get(`/svm/svms/${svm}`), 'aggregates');
      if (!Array.isArray(aggregates) || aggregates.length === 0) throw new Error('no aggregates');
      await get('/storage/aggregates?name=*&fields=block_storage.primary.disk_type');
      const [credential] = await list(
        `/protocols/san/iscsi/credentials?initiator=default&svm.uuid=${svm}&return_records=true&fields=svm.name,chap.inbound.user,chap.outbound.user,initiator,authentication_type`,
      );
      textAt(credential, 'authentication_type');
      await get(`${IGROUPS}?name=*&svm.uuid=${svm}&fields=name`);
    },

    setUpChap: async () => {
      if ((await list(`/storage/luns?svm.uuid=${svm}&name=*&fields=`)).length > 0) throw new Error('LUNs are there');
      const [credential] = await list(
        `/protocols/san/iscsi/credentials?initiator=default&svm.uuid=${svm}&return_records=true&fields=initiator`,
      );
      await array.expect(200, 'PATCH', `/protocols/san/iscsi/credentials/${svm}/${textAt(credential, 'initiator')}`, {
        authentication_type: 'CHAP',
        chap: { inbound: { user: 'u1', password: 'p1' }, outbound: { user: 'u2', password: 'p2' } },
      });
    },

    poll: async () => {
      if (at(await get(`/svm/svms/${svm}`), 'state') !== 'running') throw new Error('not running');
      await get(`/svm/svms/${svm}`);
      await get(`/network/ip/interfaces?services=data_iscsi&svm.uuid=${svm}&fields=ip.address,state`);
      await get('/cluster?fields=**');
      await get('/cluster?fields=san_optimized,disaggregated&ignore_unknown_fields=true');
    },

    create: async (name, bytes) => {
      if (await volume(name)) throw new Error(`${name} exists`);
      await createVolume(name, Math.ceil(bytes * 1.1));
      await createLun(`/vol/${name}/lun0`, bytes);
      await setAttributes(`/vol/${name}/lun0`);
    },

    publish: async (path, igroupName, iqn, economy) => {
      if (economy) await inPool(path.split('/').at(-1) ?? '');
      else if (at(await volume(path.split('/')[2] ?? '', VOLUME_INFO), 'type') !== 'rw') throw new Error('not rw');
      if (!(await igroup(igroupName))) {
        const made = await array.expect(201, 'POST', `${IGROUPS}?return_records=true`, {
          name: igroupName,
          protocol: 'iscsi',
          os_type: 'linux',
          svm: { uuid: svm },
        });
        if (at(made, 'num_records') !== 1) throw new Error('num_records');
      }
      await get(`/svm/svms/${svm}`);
      const target = textAt(await get(`/protocols/san/iscsi/services/${svm}?fields=target.name`), 'target', 'name');
      await get(`/protocols/san/iscsi/services?svm.uuid=${svm}&return_records=true&fields=target.name,enabled`);
      await lun(path, 'attributes.name,attributes.value');
      await lun(path, 'attributes.name,attributes.value');
      const serial = textAt(await lun(path), 'serial_number');
      const initiators = at(await igroup(igroupName, 'initiators.name'), 'initiators');
      if (!JSON.stringify(initiators ?? []).includes(`"${iqn}"`)) {
        const uuid = textAt(await igroup(igroupName), 'uuid');
        await array.expect(201, 'POST', `${IGROUPS}/${uuid}/initiators`, { name: iqn });
      }
      const maps = await list(`${MAPS}?lun.name=${path}&fields=${MAP_FIELDS}`);
      let number = at(
        maps.find((map) => at(map, 'igroup', 'name') === igroupName),
        'logical_unit_number',
      );
      if (number === undefined) {
        const made = await array.expect(201, 'POST', `${MAPS}?return_records=true`, {
          igroup: { name: igroupName },
          lun: { name: path, uuid: await lunUuid(path) },
          svm: { uuid: svm },
        });
        number = at(made, 'records', 0, 'logical_unit_number');
      }
      const [ofLun, ofIgroup] = [await lunUuid(path), textAt(await igroup(igroupName), 'uuid')];
      const nodes = (await list(`${MAPS}/${ofLun}/${ofIgroup}/reporting-nodes`)).map((node) => textAt(node, 'name'));
      const interfaces = await list(`/network/ip/interfaces?svm.uuid=${svm}&fields=location.node.name,ip.address`);
      const portals = interfaces
        .filter((lif) => nodes.includes(textAt(lif, 'location', 'node', 'name')))
        .map((lif) => textAt(lif, 'ip', 'address'));
      return { number: Number(number), serial, iqn: target, portals };
    },

    unpublish: async (path, igroupName, economy) => {
      if (economy) await inPool(path.split('/').at(-1) ?? '');
      const [map] = await list(`${MAPS}?lun.name=${path}&igroup.name=${igroupName}&fields=${MAP_FIELDS}`);
      if (typeof at(map, 'logical_unit_number') === 'number') await unmap(path, igroupName);
      if ((await list(`${MAPS}?igroup.name=${igroupName}&lun.name=*&fields=${MAP_FIELDS}`)).length > 0) return;
      await array.expect(200, 'DELETE', `${IGROUPS}/${textAt(await igroup(igroupName), 'uuid')}`);
    },

    createSnapshot: async (name, snapshot) => {
      await lun(`/vol/${name}/lun0`, 'space.size');
      if (await getSnapshot(name, snapshot)) throw new Error(`${snapshot} exists`);
      await volume(name);
      await lun(`/vol/${name}/lun0`, 'space.size');
      const uuid = await volumeUuid(name, VOLUME_INFO);
      await succeed('POST', `/storage/volumes/${uuid}/snapshots`, { name: snapshot, svm: { uuid: svm } });
      if (!(await getSnapshot(name, snapshot))) throw new Error(`${snapshot} is not there`);
    },

    deleteSnapshot: async (name, snapshot) => {
      await lun(`/vol/${name}/lun0`, 'space.size');
      await getSnapshot(name, snapshot);
      const found = await getSnapshot(name, snapshot);
      if (!found) throw new Error(`${snapshot} is not there`);
      return change([202], 'DELETE', `/storage/volumes/${found.volume}/snapshots/${found.snapshot}`);
    },

    restoreSnapshot: async (name, snapshot) => {
      await succeed('PATCH', `/storage/volumes/${await volumeUuid(name)}?restore_to.snapshot.name=${snapshot}`);
    },

    cloneFromSnapshot: async (source, snapshot, name) => {
      await volume(source, VOLUME_INFO);
      if (await volume(name)) throw new Error(`${name} exists`);
      await succeed('POST', '/storage/volumes?return_records=true', {
        name,
        svm: { uuid: svm },
        clone: { parent_volume: { name: source }, parent_snapshot: { name: snapshot }, is_flexclone: true },
      });
      if (at(await volume(name, 'state'), 'state') !== 'online') throw new Error(`${name} is not online`);
      await patchVolume(name, { comment: 'labels' });
      if (!(await volume(name))) throw new Error(`${name} is not there`);
    },

    splitClone: async (name) => {
      const reply = await array.send('PATCH', `/storage/volumes/${await volumeUuid(name)}`, {
        clone: { split_initiated: true },
      });
      if (![200, 202].includes(reply.status)) throw new Error(`split: ${reply.status}`);
    },

    resize: async (name, bytes) => {
      await volume(name);
      await volume(name, 'size');
      await lun(`/vol/${name}/lun0`, 'space.size');
      await volume(name, VOLUME_INFO);
      await volume(name, VOLUME_INFO);
      await patchVolume(name, { size: Math.ceil(bytes * 1.1) });
      await array.expect(200, 'PATCH', `/storage/luns/${await lunUuid(`/vol/${name}/lun0`)}`, {
        space: { size: bytes },
      });
    },

    remove: async (name) => {
      if (!(await volume(name))) return;
      await relationships('list_destinations_only=true&fields=source.path,destination.path');
      await relationships('fields=source.path,destination.path');
      await relationships('list_destinations_only=true&fields=source.path,destination.path');
      await relationships('list_destinations_only=true&fields=source.path,destination.path');
      await succeed('DELETE', `/storage/volumes/${await volumeUuid(name)}?force=true`);
    },

    importManaged: async (flexvol, name) => {
      await volume(flexvol, VOLUME_INFO);
      await lun(`/vol/${flexvol}/*`);
      if (at(await volume(flexvol, VOLUME_INFO), 'type') !== 'rw') throw new Error('not rw');
      const found = await lun(`/vol/${flexvol}/*`);
      if (at(found, 'status', 'state') !== 'online') throw new Error('not online');
      const path = textAt(found, 'name');
      await array.expect(200, 'PATCH', `/storage/luns/${await lunUuid(path)}`, { name: `/vol/${flexvol}/lun0` });
      await patchVolume(flexvol, { name });
      for (const map of await list(`${MAPS}?lun.name=/vol/${name}/lun0&igroup.name=*&fields=`)) {
        await unmap(`/vol/${name}/lun0`, textAt(map, 'igroup', 'name'));
      }
    },

    createInPool: async (pool, lunName, bytes) => {
      if (await inPool(lunName)) throw new Error(`${lunName} exists`);
      const candidates = () =>
        list(
          `/storage/volumes?name=${pools}*&svm.uuid=${svm}&style=flexvol&state=online&aggregates.name=aggr1_n1&tiering.policy=none&snapshot_policy.name=none|none-DR&guarantee.type=*&space.snapshot.reserve_percent=5&encryption.enabled=false&fields=aggregates,encryption.enabled,guarantee.type,snapshot_policy.name`,
        );
      const found = (await candidates()).map((each) => textAt(each, 'name'));
      const chosen = pool ?? found[0];
      if (pool !== undefined && !found.includes(pool)) {
        await candidates();
        await createVolume(pool, 1024 ** 3);
        await volume(pool, VOLUME_INFO);
        await list(`/storage/luns?svm.uuid=${svm}&name=/vol/${pool}/*&fields=${LUN_INFO}`);
      } else {
        await list(`/storage/luns?svm.uuid=${svm}&name=/vol/${chosen}/*&fields=`);
        await sizePool(chosen ?? '');
      }
      const path = `/vol/${chosen}/${lunName}`;
      await createLun(path, bytes);
      await lun(path);
      await setAttributes(path);
      return path;
    },

    cloneInPool: async (pool, source, name) => {
      await inPool(name);
      await inPool(source);
      const bytes = Number(at(await lun(`/vol/${pool}/${source}`, 'space.size'), 'space', 'size'));
      await lun(`/vol/${pool}/${source}`);
      await cloneLun(`/vol/${pool}/${source}`, `/vol/${pool}/${name}`, { space: { size: bytes }, qos_policy: {} });
      await sizePool(pool);
      await inPool(name);
    },

    resizeInPool: async (pool, lunName, bytes) => {
      await inPool(lunName);
      await lun(`/vol/${pool}/${lunName}`);
      await sizePool(pool);
      await array.expect(200, 'PATCH', `/storage/luns/${await lunUuid(`/vol/${pool}/${lunName}`)}`, {
        space: { size: bytes },
      });
    },

    removeFromPool: async (pool, lunName) => {
      if (!(await inPool(lunName))) return;
      for (const snapshot of await list(
        `/storage/luns?svm.uuid=${svm}&name=/vol/*/*${lunName}_snapshot_*&fields=${LUN_INFO}`,
      )) {
        await array.expect(200, 'DELETE', `/storage/luns/${textAt(snapshot, 'uuid')}`);
      }
      const path = `/vol/${pool}/${lunName}`;
      await lun(path, 'space.size');
      await volume(pool, VOLUME_INFO);
      for (const map of await list(`${MAPS}?lun.name=${path}&igroup.name=*&fields=`)) {
        await unmap(path, textAt(map, 'igroup', 'name'));
      }
      await array.expect(200, 'DELETE', `/storage/luns/${await lunUuid(path)}`);
      if ((await list(`/storage/luns?svm.uuid=${svm}&name=/vol/${pool}/*&fields=${LUN_INFO}`)).length > 0) {
        await volume(pool, VOLUME_INFO);
        await patchVolume(pool, { size: 1024 ** 3 });
      } else {
        await succeed('DELETE', `/storage/volumes/${await volumeUuid(pool)}?force=true`);
      }
    },

    restoreInPool: async (pool, lunName, snapshotLun) => {
      const path = (name: string) => `/vol/${pool}/${name}`;
      const rename = async (from: string, to: string) =>
        array.expect(200, 'PATCH', `/storage/luns/${await lunUuid(path(from))}`, { name: path(to) });
      await cloneLun(path(snapshotLun), path(`${lunName}_copy`), {});
      await rename(lunName, `${lunName}_original`);
      await rename(`${lunName}_copy`, lunName);
      await array.expect(200, 'DELETE', `/storage/luns/${await lunUuid(path(`${lunName}_original`))}`);
    },
  };
};
