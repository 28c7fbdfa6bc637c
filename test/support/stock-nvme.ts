import { at, textAt, type OntapReply, type OntapSession } from './ontap-session.ts';
import { flexVolBody, stockClient } from './stock-client.ts';

/**
 * The requests that the stock NVMe driver sends, one function per operation, with the paths, fields, bodies and statuses
 * that it insists on. A call that answers otherwise throws, as it fails there.
 */

const VOLUME_INFO =
  'type,size,comment,aggregates,nas,guarantee,snapshot_policy,snapshot_directory_access_enabled,space.snapshot.used,space.snapshot.reserve_percent,nas.export_policy.name,autosize.mode';
const NAMESPACE_INFO = 'os_type,location.volume.name,space.size,space.block_size,status.state,comment';
const SUBSYSTEMS = '/protocols/nvme/subsystems';
const MAPS = '/protocols/nvme/subsystem-maps';
const GROUPS = '/application/consistency-groups';

/** Greatest number of namespaces that the driver puts in one shared subsystem. */
const FULL = 1024;

export interface Published {
  readonly subsystem: string;
  readonly nqn: string;
  readonly namespace: string;
}

export interface StockNvme {
  open(): Promise<void>;
  create(name: string, bytes: number): Promise<string>;
  /** A volume with a file system: the subsystem is the node's. */
  publish(name: string, subsystem: string, host: string): Promise<Published>;
  /** A raw volume: the subsystem is one that volumes share. */
  publishRaw(name: string, prefix: string, host: string): Promise<Published>;
  unpublish(published: Published, host: string): Promise<void>;
  createSnapshot(name: string, snapshot: string): Promise<void>;
  deleteSnapshot(name: string, snapshot: string): Promise<OntapReply>;
  restoreSnapshot(name: string, snapshot: string): Promise<void>;
  cloneFromSnapshot(source: string, snapshot: string, name: string): Promise<string>;
  resize(name: string, namespace: string, bytes: number): Promise<void>;
  importManaged(flexvol: string, name: string): Promise<void>;
  groupSnapshot(group: string, volumes: readonly string[], snapshot: string): Promise<void>;
  remove(name: string): Promise<void>;
  namespaceAt(path: string, fields?: string): Promise<unknown>;
  volume(name: string, fields?: string): Promise<unknown>;
}

export const stockNvme = (array: OntapSession, svm: string): StockNvme => {
  const { get, list, one, change, succeed } = stockClient(array);

  const volume = (name: string, fields = '') =>
    one(`/storage/volumes?svm.uuid=${svm}&name=${name}&style=flexvol&fields=${fields}`);
  const volumeUuid = async (name: string, fields = '') => textAt(await volume(name, fields), 'uuid');
  const patchVolume = async (name: string, body: unknown) =>
    succeed([202], 'PATCH', `/storage/volumes/${await volumeUuid(name)}`, body);
  const namespaceAt = (path: string, fields = NAMESPACE_INFO) =>
    one(`/storage/namespaces?svm.uuid=${svm}&name=${path}&fields=${fields}`);

  const mustBeWritable = async (name: string) => {
    if (at(await volume(name, VOLUME_INFO), 'type') !== 'rw') throw new Error(`${name} is not read-write`);
  };
  const createVolume = async (name: string, bytes: number) => {
    await succeed(
      [202],
      'POST',
      '/storage/volumes',
      flexVolBody(name, bytes, svm, { space: { snapshot: { reserve_percent: 0 } } }),
    );
    if (!(await volume(name))) throw new Error(`${name} is not there after its job`);
  };

  const subsystemNamed = async (name: string) => {
    const found = await one(`${SUBSYSTEMS}?svm.uuid=${svm}&name=${name}&fields=target_nqn`);
    if (found) return found;
    const body = { name, os_type: 'linux', svm: { uuid: svm }, comment: name };
    const made = at(await array.expect(201, 'POST', `${SUBSYSTEMS}?return_records=true`, body), 'records', 0);
    if (textAt(made, 'name') !== name) throw new Error('another subsystem was made');
    return made;
  };
  const hostsOf = async (subsystem: string) =>
    (await list(`${SUBSYSTEMS}/${subsystem}/hosts`)).map((host) => textAt(host, 'nqn'));
  const namespacesOf = async (subsystem: string) =>
    (await list(`${MAPS}?subsystem.uuid=${subsystem}`)).map((map) => textAt(map, 'namespace', 'uuid'));
  const countOf = async (subsystem: string) =>
    Number(at(await get(`${MAPS}?subsystem.uuid=${subsystem}`), 'num_records'));

  const attach = async (subsystem: unknown, namespace: string, host: string): Promise<Published> => {
    const uuid = textAt(subsystem, 'uuid');
    if (!(await hostsOf(uuid)).includes(host))
      await array.expect(201, 'POST', `${SUBSYSTEMS}/${uuid}/hosts`, { nqn: host });
    if (!(await namespacesOf(uuid)).includes(namespace)) {
      await array.expect(201, 'POST', MAPS, {
        namespace: { uuid: namespace },
        subsystem: { uuid },
        svm: { uuid: svm },
      });
    }
    return { subsystem: uuid, nqn: textAt(subsystem, 'target_nqn'), namespace };
  };

  /** A shared subsystem that the namespace is in already, one with room, or the name of a new one. */
  const sharedSubsystem = async (prefix: string, namespace: string): Promise<string> => {
    const maps = await list(`${MAPS}?namespace.uuid=${namespace}&fields=subsystem.name,subsystem.uuid`);
    const own = maps.map((map) => textAt(map, 'subsystem', 'name')).find((name) => name.startsWith(prefix));
    if (own !== undefined) return own;
    const shared = await list(`${SUBSYSTEMS}?svm.uuid=${svm}&name=${prefix}*&fields=uuid,name`);
    for (const each of shared) if ((await countOf(textAt(each, 'uuid'))) < FULL) return textAt(each, 'name');
    return `${prefix}${shared.length + 1}`;
  };

  const getSnapshot = async (name: string, snapshot: string) => {
    await namespaceAt(`/vol/${name}/namespace0`, 'space.size');
    return findSnapshot(name, snapshot);
  };
  const findSnapshot = async (name: string, snapshot: string) => {
    const uuid = await volumeUuid(name, VOLUME_INFO);
    const found = await one(
      `/storage/volumes/${uuid}/snapshots?name=${snapshot}&svm.uuid=${svm}&fields=name,create_time`,
    );
    return found === undefined
      ? undefined
      : { volume: uuid, snapshot: textAt(found, 'uuid'), created: textAt(found, 'create_time') };
  };
  const relationships = (query: string) => get(`/snapmirror/relationships?${query}`);
  const namespaceUuid = async (name: string, path = `/vol/${name}/namespace0`) =>
    textAt(await namespaceAt(path), 'uuid');

  return {
    namespaceAt,
    volume,

    open: async () => {
      const cluster = await get('/cluster?fields=**');
      if (typeof at(cluster, 'version', 'generation') !== 'number') throw new Error('no version');
      await get('/cluster?fields=san_optimized,disaggregated&ignore_unknown_fields=true');
      if (!(await one('/svm/svms?name=svm0&fields='))) throw new Error('no SVM');
      await get('/cluster/nodes?name=*&fields=serial_number');
      const lifs = await list(`/network/ip/interfaces?services=data_nvme_tcp&svm.uuid=${svm}&fields=ip.address,state`);
      if (!lifs.some((lif) => at(lif, 'state') === 'up')) throw new Error('no LIF');
      await get(`/svm/peers?svm.uuid=${svm}&fields=peer.svm.name`);
      await get(`/svm/svms/${svm}`);
      await get('/storage/aggregates?name=*&fields=block_storage.primary.disk_type');
    },

    create: async (name, bytes) => {
      if (await volume(name)) throw new Error(`${name} exists`);
      await createVolume(name, Math.ceil(bytes * 1.1));
      const path = `/vol/${name}/namespace0`;
      const comment = '{"nsAttribute":{"com.netapp.ndvp.fstype":"ext4","LUKS":"false","driverContext":"csi"}}';
      const body = {
        name: path,
        os_type: 'linux',
        space: { size: bytes, block_size: 4096 },
        comment,
        svm: { uuid: svm },
      };
      const made = await array.expect(201, 'POST', '/storage/namespaces?return_records=true', body);
      if (textAt(made, 'records', 0, 'name') !== path) throw new Error('another namespace was made');
      return namespaceUuid(name);
    },

    publish: async (name, subsystem, host) => {
      const namespace = textAt(await one(`/storage/namespaces?name=/vol/${name}/*`), 'uuid');
      array.simulator.requests.reset();
      await mustBeWritable(name);
      return attach(await subsystemNamed(subsystem), namespace, host);
    },

    publishRaw: async (name, prefix, host) => {
      const namespace = textAt(await one(`/storage/namespaces?name=/vol/${name}/*`), 'uuid');
      array.simulator.requests.reset();
      await mustBeWritable(name);
      await list(`${SUBSYSTEMS}?svm.uuid=${svm}&name=s_${name}&fields=target_nqn`);
      return attach(await subsystemNamed(await sharedSubsystem(prefix, namespace)), namespace, host);
    },

    unpublish: async ({ subsystem, namespace }, host) => {
      if ((await hostsOf(subsystem)).includes(host)) {
        const others = (await namespacesOf(subsystem)).filter((each) => each !== namespace);
        if (others.length === 0) {
          await hostsOf(subsystem);
          await array.expect(200, 'DELETE', `${SUBSYSTEMS}/${subsystem}/hosts/${host}`);
        }
      }
      if ((await namespacesOf(subsystem)).includes(namespace)) {
        await hostsOf(subsystem);
        await array.expect(200, 'DELETE', `${MAPS}/${subsystem}/${namespace}`);
      }
      if ((await countOf(subsystem)) === 0) {
        await array.expect(200, 'DELETE', `${SUBSYSTEMS}/${subsystem}?allow_delete_with_hosts=true`);
      }
    },

    createSnapshot: async (name, snapshot) => {
      if (await getSnapshot(name, snapshot)) throw new Error(`${snapshot} exists`);
      await volume(name);
      await namespaceAt(`/vol/${name}/namespace0`, 'space.size');
      const uuid = await volumeUuid(name, VOLUME_INFO);
      await succeed([202], 'POST', `/storage/volumes/${uuid}/snapshots`, { name: snapshot, svm: { uuid: svm } });
      if (!(await findSnapshot(name, snapshot))) throw new Error(`${snapshot} is not there`);
    },

    deleteSnapshot: async (name, snapshot) => {
      await getSnapshot(name, snapshot);
      const found = await findSnapshot(name, snapshot);
      if (!found) throw new Error(`${snapshot} is not there`);
      return change([202], 'DELETE', `/storage/volumes/${found.volume}/snapshots/${found.snapshot}`);
    },

    restoreSnapshot: async (name, snapshot) => {
      await succeed([202], 'PATCH', `/storage/volumes/${await volumeUuid(name)}?restore_to.snapshot.name=${snapshot}`);
    },

    cloneFromSnapshot: async (source, snapshot, name) => {
      await mustBeWritable(source);
      if (await volume(name)) throw new Error(`${name} exists`);
      await succeed([202], 'POST', '/storage/volumes?return_records=true', {
        name,
        svm: { uuid: svm },
        clone: { parent_volume: { name: source }, parent_snapshot: { name: snapshot }, is_flexclone: true },
      });
      if (at(await volume(name, 'state'), 'state') !== 'online') throw new Error(`${name} is not online`);
      await patchVolume(name, { comment: 'labels' });
      const uuid = await namespaceUuid(name);
      if (!(await volume(name))) throw new Error(`${name} is not there`);
      return uuid;
    },

    resize: async (name, namespace, bytes) => {
      await volume(name);
      await volume(name, 'size');
      await volume(name, VOLUME_INFO);
      await volume(name, VOLUME_INFO);
      await patchVolume(name, { size: Math.ceil(bytes * 1.1) });
      await namespaceAt(`/vol/${name}/namespace0`, 'space.size');
      await succeed([200, 202], 'PATCH', `/storage/namespaces/${namespace}`, { space: { size: bytes } });
    },

    importManaged: async (flexvol, name) => {
      await volume(flexvol, VOLUME_INFO);
      await namespaceAt(`/vol/${flexvol}/*`);
      await mustBeWritable(flexvol);
      const found = await namespaceAt(`/vol/${flexvol}/*`);
      if (at(found, 'status', 'state') !== 'online') throw new Error('not online');
      const maps = await list(`${MAPS}?subsystem.uuid=`);
      if (maps.some((map) => at(map, 'namespace', 'uuid') === at(found, 'uuid'))) throw new Error('mapped');
      await patchVolume(flexvol, { name });
    },

    groupSnapshot: async (group, volumes, snapshot) => {
      for (const name of volumes) if (!(await volume(name))) throw new Error(`${name} is not there`);
      await succeed([202], 'POST', GROUPS, {
        name: group,
        svm: { uuid: svm },
        volumes: volumes.map((name) => ({ name, provisioning_options: { action: 'add' } })),
      });
      const uuid = textAt(await one(`${GROUPS}?name=${group}&svm.uuid=${svm}`), 'uuid');
      await succeed([201, 202], 'POST', `${GROUPS}/${uuid}/snapshots`, { name: snapshot });
      await one(`${GROUPS}?name=${group}&svm.uuid=${svm}`);
      await succeed([200, 202], 'DELETE', `${GROUPS}/${uuid}`);
      for (const name of volumes) {
        if (!(await findSnapshot(name, snapshot))) throw new Error(`${snapshot} is not in ${name}`);
        await namespaceAt(`/vol/${name}/namespace0`, 'space.size');
      }
    },

    remove: async (name) => {
      if (!(await volume(name))) return;
      await relationships('list_destinations_only=true&fields=source.path,destination.path');
      await relationships('fields=source.path,destination.path');
      await relationships('list_destinations_only=true&fields=source.path,destination.path');
      await relationships('list_destinations_only=true&fields=source.path,destination.path');
      await succeed([202], 'DELETE', `/storage/volumes/${await volumeUuid(name)}?force=true`);
    },
  };
};
