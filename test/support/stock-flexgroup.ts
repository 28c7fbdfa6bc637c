import { at, textAt, type OntapReply, type OntapSession } from './ontap-session.ts';
import { stockClient } from './stock-client.ts';

/** The requests of the stock ontap-nas-flexgroup driver, with the paths, fields, bodies and statuses that it insists on. */

const INFO =
  'type,size,comment,aggregates,nas,guarantee,snapshot_policy,snapshot_directory_access_enabled,space.snapshot.used,space.snapshot.reserve_percent';

export interface StockFlexgroup {
  create(name: string, bytes: number): Promise<void>;
  tryCreate(name: string, bytes: number): Promise<OntapReply>;
  clone(source: string, snapshot: string, name: string): Promise<void>;
  split(name: string): Promise<void>;
  publish(name: string, policy: string): Promise<void>;
  createSnapshot(name: string, snapshot: string): Promise<void>;
  restoreSnapshot(name: string, snapshot: string): Promise<void>;
  resize(name: string, bytes: number): Promise<void>;
  remove(name: string): Promise<void>;
}

export const stockFlexgroup = (array: OntapSession, svm: string): StockFlexgroup => {
  const { one, list, change, succeed } = stockClient(array);
  const volume = (name: string, fields = '') =>
    one(`/storage/volumes?svm.uuid=${svm}&name=${name}&style=flexgroup&fields=${fields}`);
  const uuidOf = async (name: string, fields = '') => textAt(await volume(name, fields), 'uuid');
  const patch = async (name: string, body: unknown, accepted: readonly number[] = [202]) =>
    succeed(accepted, 'PATCH', `/storage/volumes/${await uuidOf(name)}`, body);
  const post = (name: string, bytes: number) =>
    change([202], 'POST', '/storage/volumes', {
      name,
      size: bytes,
      svm: { uuid: svm },
      style: 'flexgroup',
      state: 'online',
      guarantee: { type: 'none' },
      snapshot_policy: { name: 'none' },
      comment: '',
      aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }],
      constituents_per_aggregate: 4,
      space: { snapshot: { reserve_percent: 0 } },
      tiering: { policy: 'none' },
      nas: { security_style: 'unix', unix_permissions: 777, export_policy: { name: 'default' } },
    });
  /** The read that tells whether it is mounted gives the key too. */
  const mount = async (name: string, path: string) => {
    const uuid = await uuidOf(name, 'nas.path');
    await succeed([202], 'PATCH', `/storage/volumes/${uuid}`, { nas: { path } });
  };

  return {
    tryCreate: post,
    create: async (name, bytes) => {
      if (await volume(name)) throw new Error(`${name} exists`);
      const reply = await post(name, bytes);
      if (reply.status === 500) throw new Error(JSON.stringify(reply.body));
      if (!(await volume(name))) throw new Error(`${name} is not there after its job`);
      await patch(name, { snapshot_directory_access_enabled: false });
      await mount(name, `/${name}`);
      await volume(name, INFO);
    },
    clone: async (source, snapshot, name) => {
      await volume(source, INFO);
      if (await volume(name)) throw new Error(`${name} exists`);
      await succeed([202], 'POST', '/storage/volumes?return_records=true', {
        name,
        svm: { uuid: svm },
        clone: { parent_volume: { name: source }, parent_snapshot: { name: snapshot }, is_flexclone: true },
      });
      if (!(await volume(name))) throw new Error(`${name} is no FlexGroup after its job`);
      await patch(name, { comment: '' });
      await mount(name, `/${name}`);
      await volume(name);
      await volume(name, INFO);
    },
    split: async (name) => {
      const uuid = await uuidOf(name);
      const reply = await array.send('PATCH', `/storage/volumes/${uuid}`, { clone: { split_initiated: true } });
      if (reply.status !== 200 && reply.status !== 202) throw new Error(JSON.stringify(reply.body));
    },
    publish: async (name, policy) => {
      await volume(name, INFO);
      await one(`/protocols/nfs/export-policies?svm.uuid=${svm}&name=${policy}&fields=`);
      await patch(name, { nas: { export_policy: { name: policy } } });
    },
    createSnapshot: async (name, snapshot) => {
      await volume(name);
      await volume(name, 'space.logical_space.used');
      const uuid = await uuidOf(name, INFO);
      await succeed([202], 'POST', `/storage/volumes/${uuid}/snapshots`, { name: snapshot, svm: { uuid: svm } });
      await uuidOf(name, INFO);
      const all = await list(`/storage/volumes/${uuid}/snapshots?svm.uuid=${svm}&fields=name,create_time`);
      if (!all.some((each) => at(each, 'name') === snapshot)) throw new Error(`${snapshot} is not listed`);
    },
    restoreSnapshot: async (name, snapshot) => {
      const uuid = await uuidOf(name);
      await succeed([202], 'PATCH', `/storage/volumes/${uuid}?restore_to.snapshot.name=${snapshot}`);
    },
    resize: async (name, bytes) => {
      await volume(name);
      await volume(name, 'size');
      await volume(name, INFO);
      await patch(name, { size: bytes }, [200, 202]);
    },
    remove: async (name) => {
      await mount(name, '');
      await succeed([202], 'DELETE', `/storage/volumes/${await uuidOf(name)}?force=true`);
    },
  };
};
