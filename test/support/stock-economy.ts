import { at, textAt, type OntapReply, type OntapSession } from './ontap-session.ts';
import { flexVolBody, stockClient } from './stock-client.ts';

/**
 * The requests that the stock ontap-nas-economy driver sends, one function per operation, with the paths, fields,
 * bodies and statuses that it insists on. A call that answers otherwise throws, as it fails there.
 */

const VOLUME_INFO =
  'type,size,comment,aggregates,nas,guarantee,snapshot_policy,snapshot_directory_access_enabled,space.snapshot.used,space.snapshot.reserve_percent,nas.export_policy.name,autosize.mode';
const QUOTA_LIST = 'space.hard_limit,uuid,qtree.name,volume.name';
const POLICIES = '/protocols/nfs/export-policies';

export interface StockEconomy {
  /** As far as it needs more than the other NAS drivers: the policy of the backend. */
  open(backendPolicy: string): Promise<void>;
  /** Returns the FlexVol that the qtree is in. */
  create(pool: string, qtree: string, bytes: number): Promise<string>;
  createPool(pool: string, aggregate: string): Promise<void>;
  find(qtree: string): Promise<{ readonly volume: string; readonly uuid: string; readonly id: number } | undefined>;
  quota(pool: string, qtree: string): Promise<unknown>;
  publish(pool: string, qtree: string, node: string, backendPolicy: string): Promise<void>;
  resize(pool: string, qtree: string, bytes: number): Promise<void>;
  createSnapshot(pool: string, snapshot: string): Promise<void>;
  remove(pool: string, qtree: string): Promise<void>;
  importManaged(pool: string, qtree: string, name: string, newPool: string): Promise<void>;
  list(prefix: string): Promise<readonly string[]>;
  setPolicy(qtree: string, policy: string): Promise<OntapReply>;
}

export const stockEconomy = (array: OntapSession, svm: string): StockEconomy => {
  const { get, list, one, change, succeed } = stockClient(array);

  const volume = (name: string, fields = '') =>
    one(`/storage/volumes?svm.uuid=${svm}&name=${name}&style=flexvol&fields=${fields}`);
  const patchVolume = async (name: string, body: unknown, accepted: readonly number[] = [202]) => {
    const uuid = textAt(await volume(name), 'uuid');
    await succeed(accepted, 'PATCH', `/storage/volumes/${uuid}`, body);
  };
  const lookUp = async (qtree: string) => one(`/storage/qtrees?svm.uuid=${svm}&name=${qtree}&fields=volume`);
  const exact = (pool: string, qtree: string) =>
    one(`/storage/qtrees?svm.uuid=${svm}&name=${qtree}&volume.name=${pool}&fields=`);
  const pathOf = (found: unknown) => `/storage/qtrees/${textAt(found, 'volume', 'uuid')}/${String(at(found, 'id'))}`;
  const patchQtree = async (pool: string, qtree: string, body: unknown) =>
    change([200, 202], 'PATCH', pathOf(await exact(pool, qtree)), body);
  const must = async (answer: Promise<OntapReply>) => {
    const reply = await answer;
    if (reply.status === 500) throw new Error(JSON.stringify(reply.body));
  };

  /** Default rules have no qtree name, and the generated client leaves an empty parameter out. */
  const rule = (pool: string, qtree: string) =>
    one(
      `/storage/quota/rules?type=tree&svm.uuid=${svm}${qtree === '' ? '' : `&qtree.name=${qtree}`}&volume.name=${pool}&fields=uuid,space.hard_limit`,
    );
  const setQuota = async (pool: string, qtree: string, bytes: number) => {
    const found = await rule(pool, qtree);
    if (found === undefined)
      await succeed([201, 202], 'POST', '/storage/quota/rules', {
        qtree: { name: qtree },
        volume: { name: pool },
        type: 'tree',
        svm: { uuid: svm },
        space: { hard_limit: bytes },
      });
    else
      await succeed([200, 202], 'PATCH', `/storage/quota/rules/${textAt(found, 'uuid')}`, {
        space: { hard_limit: bytes },
      });
  };
  const quotas = (pool: string) =>
    list(`/storage/quota/rules?type=tree&svm.uuid=${svm}&volume.name=${pool}&fields=${QUOTA_LIST}`);
  const quotaState = async (pool: string) => textAt(await volume(pool, 'quota'), 'quota', 'state');
  const switchQuota = async (pool: string, enabled: boolean) => {
    const uuid = textAt(await volume(pool, 'quota'), 'uuid');
    await succeed([200, 202], 'PATCH', `/storage/volumes/${uuid}`, { quota: { enabled } });
  };
  const sizePool = async (pool: string, added: number) => {
    await volume(pool, VOLUME_INFO);
    const sum = (await quotas(pool)).reduce<number>(
      (total, each) => total + Number(at(each, 'space', 'hard_limit') ?? 0),
      added,
    );
    await patchVolume(pool, { size: sum }, [200, 202]);
  };
  const policyNamed = (name: string) => one(`${POLICIES}?svm.uuid=${svm}&name=${name}&fields=`);
  const ensurePolicy = async (name: string) => {
    if (await policyNamed(name)) return;
    await policyNamed(name);
    await succeed([201], 'POST', POLICIES, { name, svm: { uuid: svm } });
  };
  const rulesOf = async (name: string) => `${POLICIES}/${String(at(await policyNamed(name), 'id'))}/rules`;
  const addRules = async (policy: string, node: string) => {
    await ensurePolicy(policy);
    const rules = await get(`${await rulesOf(policy)}?fields=clients`);
    if (JSON.stringify(rules).includes(`"${node}"`)) return;
    await succeed([201], 'POST', await rulesOf(policy), {
      clients: [{ match: node }],
      protocols: ['nfs'],
      ro_rule: ['any'],
      rw_rule: ['any'],
      superuser: ['any'],
    });
  };

  return {
    open: ensurePolicy,
    createPool: async (pool, aggregate) => {
      await succeed(
        [202],
        'POST',
        '/storage/volumes',
        flexVolBody(pool, 1024 ** 3, svm, {
          aggregates: [{ name: aggregate }],
          space: { snapshot: { reserve_percent: 0 } },
          nas: { security_style: 'unix', unix_permissions: 711, export_policy: { name: 'default' } },
        }),
      );
      if (!(await volume(pool))) throw new Error(`${pool} is not there after its job`);
      const uuid = textAt(await volume(pool, 'nas.path'), 'uuid');
      await succeed([202], 'PATCH', `/storage/volumes/${uuid}`, { nas: { path: `/${pool}` } });
      await setQuota(pool, '', -1);
      if ((await quotaState(pool)) !== 'off') await switchQuota(pool, false);
      if ((await quotaState(pool)) !== 'on') await switchQuota(pool, true);
      if ((await quotaState(pool)) !== 'on') throw new Error('quotas are not on');
    },
    create: async (pool, qtree, bytes) => {
      if (await lookUp(qtree)) throw new Error(`${qtree} exists`);
      await get(
        `/storage/volumes?name=trident_qtree_pool_*&svm.uuid=${svm}&style=flexvol&state=online&aggregates.name=aggr1_n1&tiering.policy=none&snapshot_policy.name=none|none-DR&guarantee.type=*&space.snapshot.reserve_percent=0&snapshot_directory_access_enabled=true&fields=aggregates,snapshot_directory_access_enabled,encryption.enabled,guarantee.type,snapshot_policy.name`,
      );
      await list(`/storage/qtrees?svm.uuid=${svm}&volume.name=${pool}&fields=`);
      await sizePool(pool, bytes);
      await succeed([201, 202], 'POST', '/storage/qtrees', {
        name: qtree,
        volume: { name: pool },
        svm: { uuid: svm },
        unix_permissions: 777,
        export_policy: { name: 'default' },
        security_style: 'unix',
      });
      if (!(await exact(pool, qtree))) throw new Error(`${qtree} is not there after its job`);
      await setQuota(pool, qtree, bytes);
      const found = await lookUp(qtree);
      await volume(pool, VOLUME_INFO);
      return textAt(found, 'volume', 'name');
    },
    find: async (qtree) => {
      const found = await lookUp(qtree);
      if (found === undefined) return undefined;
      const uuid = textAt(found, 'volume', 'uuid');
      return { volume: textAt(found, 'volume', 'name'), uuid, id: Number(at(found, 'id')) };
    },
    quota: rule,
    publish: async (pool, qtree, node, backendPolicy) => {
      await lookUp(qtree);
      await volume(pool, VOLUME_INFO);
      await lookUp(qtree);
      await addRules(qtree, node);
      await must(patchQtree(pool, qtree, { export_policy: { name: qtree } }));
      await addRules(backendPolicy, node);
      await patchVolume(pool, { nas: { export_policy: { name: backendPolicy } } });
    },
    resize: async (pool, qtree, bytes) => {
      await lookUp(qtree);
      const before = Number(at(await rule(pool, qtree), 'space', 'hard_limit'));
      await volume(pool, VOLUME_INFO);
      await sizePool(pool, bytes - before);
      await setQuota(pool, qtree, bytes);
    },
    createSnapshot: async (pool, snapshot) => {
      const uuid = textAt(await volume(pool, VOLUME_INFO), 'uuid');
      await succeed([202], 'POST', `/storage/volumes/${uuid}/snapshots`, { name: snapshot, svm: { uuid: svm } });
      await volume(pool, VOLUME_INFO);
      const found = await one(
        `/storage/volumes/${uuid}/snapshots?name=${snapshot}&svm.uuid=${svm}&fields=name,create_time`,
      );
      textAt(found, 'create_time');
    },
    remove: async (pool, qtree) => {
      await lookUp(qtree);
      await must(patchQtree(pool, qtree, { name: `deleted_${qtree}` }));
      const reply = await array.send('DELETE', pathOf(await exact(pool, `deleted_${qtree}`)));
      if (reply.status !== 200 && reply.status !== 202) throw new Error(JSON.stringify(reply.body));
    },
    importManaged: async (pool, qtree, name, newPool) => {
      if (at(await volume(pool, VOLUME_INFO), 'type') !== 'rw') throw new Error(`${pool} is not rw`);
      const found = await one(
        `/storage/qtrees?svm.uuid=${svm}&name=${qtree}&volume.name=${pool}*&fields=export_policy.name`,
      );
      textAt(found, 'export_policy', 'name');
      if ((await rule(pool, qtree)) === undefined) throw new Error('no quota rule');
      await must(patchQtree(pool, qtree, { name }));
      await patchVolume(pool, { name: newPool });
    },
    list: async (prefix) => {
      await get(
        `/storage/volumes?name=${prefix}*&svm.uuid=${svm}&style=flexvol&state=online&fields=type,size,comment,aggregates,nas,guarantee,snapshot_policy,snapshot_directory_access_enabled,space.snapshot.used,space.snapshot.reserve_percent`,
      );
      const qtrees = await list(
        `/storage/qtrees?svm.uuid=${svm}&volume.name=${prefix}*&fields=name,volume,export-policy.name`,
      );
      const rules = await list(
        `/storage/quota/rules?type=tree&svm.uuid=${svm}&volume.name=${prefix}*&fields=${QUOTA_LIST}`,
      );
      const limited = new Set(rules.map((each) => at(each, 'qtree', 'name')));
      return qtrees.map((each) => String(at(each, 'name'))).filter((name) => name !== '' && limited.has(name));
    },
    setPolicy: async (qtree, policy) => {
      const found = await lookUp(qtree);
      return patchQtree(textAt(found, 'volume', 'name'), qtree, { export_policy: { name: policy } });
    },
  };
};
