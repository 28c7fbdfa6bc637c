import type { Context, Resource } from '../core/declaration.ts';
import { findText, flag, objects, text, texts, type Entry, type Stored } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { parseBoolean } from '../core/scalars.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, requiredSvm, unmodelled, uuidField } from './common.ts';
import { namedIn } from './lookups.ts';
import { checkNqn } from './nqn.ts';
import { authenticationMode, hostFields, hostsOf, withPeers } from './nvme-host.ts';

const SUBSYSTEM = 'nvme_subsystem';
const HOST = 'nvme_host';
const MAP = 'nvme_map';

/** Constant per SVM, as the target names of its subsystems begin with it. */
const targetPrefix = (svm: Entry, world: World): string => {
  const known = findText(svm, '$nqn');
  if (known !== undefined) return known;
  const drawn = world.random.hex('nqn/svm', 32);
  world.store.change('svm', svm.$id, { $nqn: drawn });
  return drawn;
};

const checkName = (name: string) => {
  // Which characters ONTAP takes is not documented; clients use letters, digits and these.
  if (!/^[\w.:+=-]+$/.test(name))
    throw new Refusal(400, 72089709, `The NVMe subsystem name "${name}" contains an invalid character.`, 'name');
};

const checkVendorUuids = (uuids: readonly string[]) => {
  const bad = uuids.find((uuid) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid));
  if (bad !== undefined)
    throw new Refusal(400, 72089711, `The vendor-specific UUID "${bad}" is invalid.`, 'vendor_uuids');
  if (new Set(uuids).size < uuids.length)
    throw new Refusal(400, 72089712, 'A duplicate vendor-specific UUID was specified.', 'vendor_uuids');
};

const checkHosts = (nqns: readonly string[]) => {
  for (const nqn of nqns) checkNqn(nqn);
  if (new Set(nqns).size < nqns.length)
    throw new Refusal(
      400,
      72090036,
      'The "hosts.nqn" NVMe subsystem property must contain unique values.',
      'hosts.nqn',
    );
};

const prepare = (draft: Entry, { world }: Context): Entry => {
  const name = text(draft, 'name');
  const svm = text(draft, 'svm');
  checkName(name);
  if (!world.store.find('nvme_service', svm))
    throw new Refusal(400, 72090029, 'The NVMe service does not exist.', 'svm');
  checkVendorUuids(texts(draft, 'vendor_uuids'));
  checkHosts(objects(draft, 'hosts').map((host) => text(host, 'nqn')));
  if (namedIn('igroup', name, svm, world)) {
    throw new Refusal(409, 72090043, `An igroup with the name "${name}" already exists in the SVM.`, 'name');
  }
  const { hosts, ...given } = draft;
  return {
    comment: '',
    vendor_uuids: [],
    ...given,
    $hosts: hosts,
    $id: draft.$id,
    serial_number: world.random.letters('serial/nvme_subsystem', 20),
    target_nqn: `nqn.1992-08.com.netapp:sn.${targetPrefix(world.store.get('svm', svm), world)}:subsystem.${name}`,
  };
};

/** Hosts of the body become records of their own. */
const addHosts = (entry: Entry, { world }: Context) => {
  for (const host of objects(entry, '$hosts')) {
    const values = withPeers(host, text(entry, 'svm'), world);
    world.store.put(HOST, { ...values, $id: world.random.uuid(HOST), subsystem: entry.$id, svm: text(entry, 'svm') });
  }
  world.store.change(SUBSYSTEM, entry.$id, { $hosts: undefined });
};

const checkUnused = (entry: Entry, { world, parameters }: Context) => {
  const allowed = (name: string) => parseBoolean(parameters[name] ?? 'false') === true;
  if (!allowed('allow_delete_while_mapped') && world.store.by(MAP, 'subsystem', entry.$id).length > 0) {
    throw new Refusal(
      409,
      72090023,
      'The NVMe subsystem contains one or more mapped NVMe namespaces. Specify "allow_delete_while_mapped" to delete it.',
    );
  }
  if (!allowed('allow_delete_with_hosts') && hostsOf(entry.$id, world).length > 0) {
    throw new Refusal(
      409,
      72090024,
      'The NVMe subsystem contains one or more NVMe hosts. Specify "allow_delete_with_hosts" to delete it.',
    );
  }
};

/** A subsystem that wants it goes with its last map. */
export const removeSubsystemWithLastMap = (map: Entry, world: World): void => {
  const subsystem = world.store.find(SUBSYSTEM, text(map, 'subsystem'));
  if (!subsystem || !flag(subsystem, 'delete_on_unmap')) return;
  if (world.store.by(MAP, 'subsystem', subsystem.$id).some((other) => other.$id !== map.$id)) return;
  for (const host of hostsOf(subsystem.$id, world)) world.store.remove(HOST, host.$id);
  world.store.remove(SUBSYSTEM, subsystem.$id);
};

const mapsShown = (entry: Entry, world: World): Stored =>
  world.store.by(MAP, 'subsystem', entry.$id).map((map) => ({
    $ref: map.$id,
    namespace: map['namespace'],
    nsid: map['nsid'],
    anagrpid: map['anagrpid'],
  }));

/** Hosts as a subsystem or a namespace shows them; secrets stay where they are. */
export const hostsShown = (subsystem: string, world: World): Stored => {
  const shown = ['nqn', ...Object.keys(hostFields).filter((path) => hostFields[path]?.secret !== true)];
  return hostsOf(subsystem, world).map((host) => ({
    ...Object.fromEntries(shown.flatMap((path) => (host[path] === undefined ? [] : [[path, host[path]]]))),
    'dh_hmac_chap.mode': authenticationMode(host),
    $ref: host.$id,
  }));
};

const unknown = (given: string, field: string) =>
  /^[0-9a-f]{8}-/.test(given)
    ? new Refusal(400, 72090001, `The NVMe subsystem specified by "${field}.uuid" was not found.`, field)
    : new Refusal(400, 72090021, `The NVMe subsystem "${given}" specified by "${field}.name" was not found.`, field);

/** `/protocols/nvme/subsystems`. */
export const nvmeSubsystem: Resource = {
  kind: SUBSYSTEM,
  path: '/protocols/nvme/subsystems',
  keys: ['uuid'],
  fields: {
    svm: requiredSvm,
    uuid: uuidField,
    name: { ...nameField, write: 'create', maxLength: 64 },
    os_type: { kind: 'enum', write: 'create', required: true, values: ['aix', 'linux', 'vmware', 'windows'] },
    comment: { kind: 'string', maxLength: 255 },
    ...unmodelled('replication'),
    serial_number: readOnly('string'),
    target_nqn: readOnly('string'),
    delete_on_unmap: { kind: 'boolean', default: false },
    vendor_uuids: { kind: 'strings' },
    'io_queue.default.count': readOnly('integer', { since: '9.12.1', compute: () => 4 }),
    'io_queue.default.depth': readOnly('integer', { since: '9.12.1', compute: () => 32 }),
    hosts: {
      kind: 'objects',
      to: HOST,
      write: 'create',
      of: { nqn: { kind: 'string', required: true }, ...hostFields },
      compute: (entry, world) => hostsShown(entry.$id, world),
    },
    subsystem_maps: {
      kind: 'objects',
      to: MAP,
      write: 'never',
      compute: mapsShown,
      of: {
        namespace: { kind: 'ref', to: 'namespace' },
        nsid: { kind: 'string' },
        anagrpid: { kind: 'string', expensive: true },
      },
    },
  },
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'name'],
      refusal: (entry) =>
        new Refusal(409, 72090025, `The NVMe subsystem "${text(entry, 'name')}" already exists for the SVM.`, 'name'),
    },
  ],
  unknown,
  inside: [{ kind: 'svm', field: 'svm' }],
  parameters: { remove: ['allow_delete_while_mapped', 'allow_delete_with_hosts'] },
  create: { asynchronous: false, prepare, effects: addHosts },
  modify: {
    asynchronous: false,
    prepare: (changes) => {
      const uuids = changes['vendor_uuids'];
      if (Array.isArray(uuids)) checkVendorUuids(uuids.map(String));
      return changes;
    },
  },
  remove: { asynchronous: false, check: checkUnused },
};
