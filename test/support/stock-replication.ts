import { at, textAt, type OntapReply, type OntapSession } from './ontap-session.ts';
import { flexVolBody, stockClient } from './stock-client.ts';

/**
 * The requests of the stock replication code, which ontap-nas and ontap-san share, as the cluster of one side gets
 * them: paths, fields, bodies and the codes that it tolerates. A call that answers otherwise throws, as it fails there.
 */

const RELATIONSHIPS = '/snapmirror/relationships';
const READ =
  'state,last_transfer_type,transfer.state,transfer.end_time,healthy,unhealthy_reason,policy.name,policy.type,transfer_schedule.name,source.path,destination.path,transfer.uuid';
const VOLUME_INFO =
  'type,size,comment,aggregates,nas,guarantee,snapshot_policy,snapshot_directory_access_enabled,space.snapshot.used,space.snapshot.reserve_percent,nas.export_policy.name,autosize.mode';

export type MirrorState = '' | 'establishing' | 'established' | 'promoting' | 'promoted';

export interface StockReplication {
  validate(policy: string, schedule: string): Promise<void>;
  peers(): Promise<readonly string[]>;
  createDestination(volume: string, bytes: number): Promise<void>;
  mount(volume: string): Promise<OntapReply>;
  /** True when the mirror stands; false: not yet, the core asks again. */
  establish(local: string, remote: string, policy: string, schedule: string): Promise<boolean>;
  reestablish(local: string, remote: string, policy: string): Promise<void>;
  /** True: wait, the snapshot is not there yet. */
  promote(local: string, remote: string, snapshot: string): Promise<boolean | 'not ready'>;
  status(local: string, remote: string): Promise<MirrorState>;
  update(local: string, remote: string, snapshot: string | undefined): Promise<void>;
  /** Throws the reason of an unhealthy relationship; false while the transfer lasts. */
  checkUpdate(local: string, remote: string): Promise<boolean>;
  cleanUp(volume: string): Promise<void>;
  remove(volume: string): Promise<void>;
}

/** `svm:volume` handles on both sides; `svm` is the UUID of the local SVM, `svmName` its name. */
export const stockReplication = (array: OntapSession, svm: string, svmName: string): StockReplication => {
  const { one, list, change, succeed } = stockClient(array);
  const volume = (name: string, fields = '') =>
    one(`/storage/volumes?svm.uuid=${svm}&name=${name}&style=flexvol&fields=${fields}`);
  const codeOf = (reply: OntapReply) => String(at(reply.body, 'error', 'code') ?? '');

  /** The whole list, matched here: stock filters nothing on the array. */
  const lookUp = async (local: string, remote: string) => {
    const found = await list(`${RELATIONSHIPS}?fields=${READ}`);
    return found.find(
      (each) =>
        at(each, 'destination', 'path') === `${svmName}:${local}` &&
        (remote === '' || at(each, 'source', 'path') === remote),
    );
  };
  const create = (local: string, remote: string, policy: string, schedule: string) =>
    succeed([202], 'POST', RELATIONSHIPS, {
      destination: { path: `${svmName}:${local}` },
      source: { path: remote },
      ...(policy === '' ? {} : { policy: { name: policy } }),
      ...(schedule === '' ? {} : { transfer_schedule: { name: schedule } }),
    });
  const patch = (found: unknown, body: unknown) =>
    change([202], 'PATCH', `${RELATIONSHIPS}/${textAt(found, 'uuid')}`, body);
  const remove = async (uuid: string, flag: string) => {
    const reply = await array.send('DELETE', `${RELATIONSHIPS}/${uuid}?${flag}=true`);
    if (reply.status === 202 || ['4', '13303822'].includes(codeOf(reply))) return;
    throw new Error(`delete ${flag}: ${reply.status} ${JSON.stringify(reply.body)}`);
  };
  const destinationsOnly = () =>
    list(`${RELATIONSHIPS}?list_destinations_only=true&fields=source.path,destination.path`);
  const release = async (name: string) => {
    const found = (await destinationsOnly()).find((each) => at(each, 'source', 'path') === `${svmName}:${name}`);
    if (found) await remove(textAt(found, 'uuid'), 'source_only');
  };

  return {
    validate: async (policy, schedule) => {
      const found = await one(`/snapmirror/policies?name=${policy}&fields=type,sync_type,copy_all_source_snapshots`);
      const type = textAt(found, 'type');
      if (type === 'sync' ? at(found, 'sync_type') === undefined : at(found, 'copy_all_source_snapshots') !== true)
        throw new Error(`the policy ${policy} does not fit`);
      if (!(await one(`/cluster/schedules?name=${schedule}`))) throw new Error(`no schedule ${schedule}`);
    },
    peers: async () =>
      (await list(`/svm/peers?svm.uuid=${svm}&fields=peer.svm.name`)).map((each) =>
        textAt(each, 'peer', 'svm', 'name'),
      ),
    createDestination: async (name, bytes) => {
      await succeed(
        [202],
        'POST',
        '/storage/volumes',
        flexVolBody(name, bytes, svm, {
          type: 'DP',
          nas: { security_style: 'unix', export_policy: { name: 'default' } },
        }),
      );
    },
    mount: async (name) => {
      const uuid = textAt(await volume(name, 'nas.path'), 'uuid');
      return change([202], 'PATCH', `/storage/volumes/${uuid}`, { nas: { path: `/${name}` } });
    },
    establish: async (local, remote, policy, schedule) => {
      if (textAt(await volume(local, VOLUME_INFO), 'type') !== 'dp') throw new Error('the destination is no dp volume');
      let found = await lookUp(local, remote);
      if (found === undefined) {
        await create(local, remote, policy, schedule);
        found = await lookUp(local, remote);
      }
      const transfer = at(found, 'transfer', 'state');
      if (at(found, 'state') === 'uninitialized' && transfer !== 'transferring') {
        const current = await lookUp(local, remote);
        const reply = await array.send('POST', `${RELATIONSHIPS}/${textAt(current, 'uuid')}/transfers`, {});
        if (reply.status !== 201 && codeOf(reply) !== '13303812') throw new Error(JSON.stringify(reply.body));
        found = await lookUp(local, remote);
      }
      return at(found, 'state') !== 'uninitialized' && at(found, 'transfer', 'state') !== 'transferring';
    },
    reestablish: async (local, remote, policy) => {
      const found = await lookUp(local, remote);
      if (found !== undefined && at(found, 'state') !== 'uninitialized') return;
      if (found === undefined) {
        await create(local, remote, policy, '');
        await lookUp(local, remote);
      }
      const current = await lookUp(local, remote);
      const reply = await patch(current, {
        state: at(current, 'policy', 'type') === 'sync' ? 'in_sync' : 'snapmirrored',
      });
      if (reply.status === 500) throw new Error(JSON.stringify(reply.body));
      const after = await lookUp(local, remote);
      if (at(after, 'healthy') !== true) throw new Error(JSON.stringify(at(after, 'unhealthy_reason')));
    },
    promote: async (local, remote, snapshot) => {
      let found = await lookUp(local, remote);
      if (snapshot !== '') {
        const uuid = textAt(await volume(local), 'uuid');
        const all = await list(`/storage/volumes/${uuid}/snapshots?svm.uuid=${svm}&fields=name,create_time`);
        if (!all.some((each) => at(each, 'name') === snapshot)) return true;
      }
      if (found === undefined) return false;
      const quiesced = await patch(found, { state: 'paused' });
      // The code for a transfer in progress is not among those that stock knows here.
      if (quiesced.status === 500) throw new Error(JSON.stringify(quiesced.body));
      found = await lookUp(local, remote);
      const transfer = textAt(found, 'transfer', 'uuid');
      const aborted = await array.send('PATCH', `${RELATIONSHIPS}/${textAt(found, 'uuid')}/transfers/${transfer}`, {
        state: 'aborted',
      });
      if (aborted.status !== 200 && codeOf(aborted) !== '4') throw new Error(JSON.stringify(aborted.body));
      found = await lookUp(local, remote);
      if (at(found, 'state') !== 'uninitialized') {
        const broken = await patch(found, {
          state: 'broken_off',
          ...(snapshot === '' ? {} : { restore_to_snapshot: snapshot }),
        });
        if (broken.status === 500 && [13303808, 13303812].includes(Number(at(broken.body, 'code')))) return 'not ready';
        if (broken.status === 500) throw new Error(JSON.stringify(broken.body));
      }
      await remove(textAt(await lookUp(local, remote), 'uuid'), 'destination_only');
      return false;
    },
    status: async (local, remote) => {
      const found = await lookUp(local, remote);
      if (found === undefined) return '';
      if (at(found, 'transfer', 'state') === 'transferring') return 'establishing';
      switch (at(found, 'state')) {
        case 'broken_off':
          return 'promoting';
        case 'uninitialized':
        case 'synchronizing':
          return 'establishing';
        case 'snapmirrored':
        case 'in_sync':
          return 'established';
        default:
          return 'promoted';
      }
    },
    update: async (local, remote, snapshot) => {
      const found = await lookUp(local, remote);
      await succeed(
        [201],
        'POST',
        `${RELATIONSHIPS}/${textAt(found, 'uuid')}/transfers`,
        snapshot === undefined ? {} : { source_snapshot: snapshot },
      );
    },
    checkUpdate: async (local, remote) => {
      const found = await lookUp(local, remote);
      const state = at(found, 'transfer', 'state');
      if (state === 'failed') throw new Error(JSON.stringify(at(found, 'unhealthy_reason')));
      return state === 'success' && at(found, 'healthy') === true && at(found, 'transfer', 'end_time') !== undefined;
    },
    cleanUp: async (name) => {
      const own = (each: unknown) => at(each, 'destination', 'path') === `${svmName}:${name}`;
      const found = (await destinationsOnly()).find(own) ?? (await list(`${RELATIONSHIPS}?fields=${READ}`)).find(own);
      if (found) {
        await remove(textAt(found, 'uuid'), 'destination_only');
        await remove(textAt(found, 'uuid'), 'source_info_only');
      }
      await release(name);
      await destinationsOnly();
    },
    remove: async (name) => {
      const uuid = textAt(await volume(name), 'uuid');
      await succeed([202], 'DELETE', `/storage/volumes/${uuid}?force=true`);
    },
  };
};
