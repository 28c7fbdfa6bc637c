import { at, textAt, type OntapSession } from './ontap-session.ts';
import { flexVolBody, stockClient } from './stock-client.ts';

/**
 * The requests that the stock ontap-nas driver sends with `autoExportPolicy`, one function per operation, with the paths,
 * fields, bodies and statuses that it insists on. A call that answers otherwise throws, as it fails there.
 */

const INFO =
  'type,size,comment,aggregates,nas,guarantee,snapshot_policy,snapshot_directory_access_enabled,space.snapshot.used,space.snapshot.reserve_percent,nas.export_policy.name,autosize.mode';
const POLICIES = '/protocols/nfs/export-policies';

export interface StockNas {
  create(name: string, bytes: number, labels?: Readonly<Record<string, string>>): Promise<void>;
  createSnapshot(name: string, snapshot: string): Promise<void>;
  snapshots(name: string): Promise<readonly string[]>;
  clone(source: string, snapshot: string, name: string): Promise<void>;
  /** Rules of the volume's own policy, then the assignment; the address is of the node. */
  publish(name: string, address: string): Promise<void>;
  /** What stock did before 23.x: all volumes on the policy of the backend. */
  publishOld(name: string, address: string, backendPolicy: string): Promise<void>;
  /** Takes the node's rules out; after the last node the policy goes. */
  unpublish(name: string, remaining: readonly string[]): Promise<void>;
  resize(name: string, bytes: number): Promise<void>;
  remove(name: string): Promise<void>;
  /** What the driver learns of a volume before it works on it. */
  info(name: string): Promise<unknown>;
}

export const stockNas = (array: OntapSession, svm: string, prefix: string): StockNas => {
  const { get, list, one, succeed } = stockClient(array);
  const empty = `${prefix}empty`;

  const volume = (name: string, fields = '') =>
    one(`/storage/volumes?svm.uuid=${svm}&name=${name}&style=flexvol&fields=${fields}`);
  const uuidOf = async (name: string, fields = '') => textAt(await volume(name, fields), 'uuid');
  const patch = async (name: string, body: unknown, accepted: readonly number[] = [202]) =>
    succeed(accepted, 'PATCH', `/storage/volumes/${await uuidOf(name)}`, body);
  const assign = (name: string, policy: string) => patch(name, { nas: { export_policy: { name: policy } } });

  const policyNamed = (name: string) => one(`${POLICIES}?svm.uuid=${svm}&name=${name}&fields=`);
  const ensurePolicy = async (name: string) => {
    if (!(await policyNamed(name))) await succeed([201], 'POST', POLICIES, { name, svm: { uuid: svm } });
  };
  const policyPath = async (name: string) => `${POLICIES}/${String(at(await policyNamed(name), 'id'))}`;
  const rulesOf = async (policy: string) => {
    const path = `${await policyPath(policy)}/rules`;
    const rules = at(await get(`${path}?fields=clients`), 'records');
    return (Array.isArray(rules) ? rules : []).map((rule: unknown) => ({
      path: `${path}/${String(at(rule, 'index'))}`,
      match: textAt(rule, 'clients', 0, 'match'),
    }));
  };
  const admit = async (policy: string, address: string) => {
    await ensurePolicy(policy);
    if ((await rulesOf(policy)).some(({ match }) => match === address)) return;
    await succeed([201], 'POST', `${await policyPath(policy)}/rules`, {
      clients: [{ match: address }],
      protocols: ['nfs'],
      ro_rule: ['any'],
      rw_rule: ['any'],
      superuser: ['any'],
    });
  };

  return {
    create: async (name, bytes, labels) => {
      if (await volume(name)) throw new Error(`${name} exists`);
      await ensurePolicy(empty);
      await succeed(
        [202],
        'POST',
        '/storage/volumes',
        flexVolBody(name, bytes, svm, {
          comment: labels === undefined ? '' : JSON.stringify({ provisioning: labels }),
          space: { snapshot: { reserve_percent: 0 } },
          nas: { security_style: 'unix', unix_permissions: 777, export_policy: { name: empty } },
        }),
      );
      if (!(await volume(name))) throw new Error(`${name} is not there after its job`);
      await patch(name, { snapshot_directory_access_enabled: false });
      await patch(name, { nas: { path: `/${name}` } });
    },
    createSnapshot: async (name, snapshot) => {
      const path = `/storage/volumes/${await uuidOf(name, INFO)}/snapshots`;
      await succeed([202], 'POST', path, { name: snapshot, svm: { uuid: svm } });
    },
    snapshots: async (name) =>
      (await list(`/storage/volumes/${await uuidOf(name, INFO)}/snapshots?fields=name,create_time`)).map((found) =>
        textAt(found, 'name'),
      ),
    clone: async (source, snapshot, name) => {
      await volume(source, INFO);
      await succeed([202], 'POST', '/storage/volumes?return_records=true', {
        name,
        svm: { uuid: svm },
        clone: { parent_volume: { name: source }, parent_snapshot: { name: snapshot }, is_flexclone: true },
      });
      if (textAt(await volume(name, 'state'), 'state') !== 'online') throw new Error(`${name} is not online`);
      await patch(name, { comment: '' });
      await patch(name, { nas: { path: `/${name}` } });
      await assign(name, empty);
    },
    publish: async (name, address) => {
      textAt(await volume(name, INFO), 'nas', 'path');
      await admit(name, address);
      await assign(name, name);
    },
    publishOld: async (name, address, backendPolicy) => {
      await admit(backendPolicy, address);
      await assign(name, backendPolicy);
    },
    unpublish: async (name, remaining) => {
      const policy = textAt(await volume(name, INFO), 'nas', 'export_policy', 'name');
      if (policy === empty) return;
      await ensurePolicy(empty);
      if (policy !== name) {
        if (remaining.length === 0) await assign(name, empty);
        return;
      }
      for (const { path, match } of await rulesOf(policy))
        if (!remaining.includes(match)) await succeed([200], 'DELETE', path);
      if ((await rulesOf(policy)).length > 0) return;
      await assign(name, empty);
      await succeed([200], 'DELETE', await policyPath(policy));
    },
    resize: async (name, bytes) => {
      await volume(name, INFO);
      await patch(name, { size: bytes }, [200, 202]);
    },
    remove: async (name) => {
      const uuid = await uuidOf(name);
      await succeed([202], 'DELETE', `/storage/volumes/${uuid}?force=false`);
    },
    info: (name) => volume(name, INFO),
  };
};
