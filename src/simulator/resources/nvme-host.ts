import type { Field, Fields, Resource } from '../core/declaration.ts';
import { findText, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { checkNqn } from './nqn.ts';

const HOST = 'nvme_host';

/** By the secrets that the host was given. */
export const authenticationMode = (host: StoredObject): string =>
  host['dh_hmac_chap.controller_secret_key'] !== undefined
    ? 'bidirectional'
    : host['dh_hmac_chap.host_secret_key'] !== undefined
      ? 'unidirectional'
      : 'none';

const PEERS = 'proximity.peer_svms';

/** What is said when the host is added, and stays. */
const lasting: Fields = {
  priority: { kind: 'enum', values: ['regular', 'high'], default: 'regular', since: '9.14.1' },
  'dh_hmac_chap.hash_function': { kind: 'enum', values: ['sha_256', 'sha_512'], since: '9.12.1' },
  'dh_hmac_chap.group_size': {
    kind: 'enum',
    values: ['none', '2048_bit', '3072_bit', '4096_bit', '6144_bit', '8192_bit'],
    since: '9.12.1',
  },
  'dh_hmac_chap.host_secret_key': { kind: 'string', secret: true, since: '9.12.1' },
  'dh_hmac_chap.controller_secret_key': { kind: 'string', secret: true, since: '9.12.1' },
  'dh_hmac_chap.mode': readOnly('enum', {
    values: ['none', 'unidirectional', 'bidirectional'],
    since: '9.12.1',
    compute: authenticationMode,
  }),
  'tls.key_type': { kind: 'enum', values: ['none', 'configured', 'generated'], default: 'none', since: '9.16.1' },
  'tls.configured_psk': { kind: 'string', secret: true, since: '9.16.1' },
};

/** What a request says about a host beside its name. Where a host is near to can be changed later, all else cannot. */
export const hostFields: Fields = {
  ...Object.fromEntries(
    Object.entries(lasting).map(([path, field]): [string, Field] => [path, { write: 'create', ...field }]),
  ),
  'proximity.local_svm': { kind: 'boolean', since: '9.17.1' },
  [PEERS]: { kind: 'objects', since: '9.17.1', of: { name: { kind: 'string' }, uuid: { kind: 'string' } } },
};

/** The peer of the SVM that a host is near to, by name or UUID. */
const findPeer = (given: StoredObject, svm: string, world: World): StoredObject => {
  const [name, uuid] = [findText(given, 'name'), findText(given, 'uuid')];
  const peers = world.store.by('svm_peer', 'svm', svm).map((peer) => ({
    name: text(peer, 'peer.svm.name'),
    uuid: text(peer, 'peer.svm.uuid'),
  }));
  const named = name !== undefined || uuid !== undefined;
  const found = peers.find((peer) => named && (name ?? peer.name) === peer.name && (uuid ?? peer.uuid) === peer.uuid);
  if (!found) throw new Refusal(400, 4, `The SVM has no peer "${name ?? uuid ?? ''}".`, PEERS);
  return found;
};

/** Values of a host with its peers as they are known, by name and UUID. */
export const withPeers = (host: StoredObject, svm: string, world: World): StoredObject =>
  host[PEERS] === undefined
    ? host
    : { ...host, [PEERS]: objects(host, PEERS).map((each) => findPeer(each, svm, world)) };

export const hostsOf = (subsystem: string, world: World): readonly Entry[] =>
  world.store.by(HOST, 'subsystem', subsystem);

const noSubsystem = () => new Refusal(404, 72090001, 'The NVMe subsystem does not exist.', 'subsystem.uuid');

/** `/protocols/nvme/subsystems/{uuid}/hosts`: who may connect to a subsystem. */
export const nvmeHost: Resource = {
  kind: HOST,
  path: '/protocols/nvme/subsystems/{subsystem.uuid}/hosts',
  keys: ['nqn'],
  takesRecords: true,
  fields: {
    nqn: {
      kind: 'string',
      key: true,
      required: true,
      write: 'create',
      maxLength: 223,
      missing: () =>
        new Refusal(
          400,
          72090003,
          'The elements in the records array for a POST of hosts to an NVMe subsystem must contain the nqn property.',
          'nqn',
        ),
    },
    subsystem: { kind: 'ref', to: 'nvme_subsystem', write: 'never' },
    'io_queue.count': readOnly('integer', { since: '9.12.1', compute: () => 4 }),
    'io_queue.depth': readOnly('integer', { since: '9.12.1', compute: () => 32 }),
    ...hostFields,
  },
  indexes: ['subsystem'],
  unique: [
    {
      fields: ['subsystem', 'nqn'],
      refusal: (entry) =>
        new Refusal(
          409,
          72089705,
          `The NVMe subsystem host "${text(entry, 'nqn')}" already exists for the NVMe subsystem.`,
          'nqn',
        ),
    },
  ],
  noParent: noSubsystem,
  absent: () => new Refusal(404, 72090004, 'The NVMe subsystem host does not exist.', 'nqn'),
  inside: [{ kind: 'nvme_subsystem', field: 'subsystem' }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      checkNqn(text(draft, 'nqn'));
      const subsystem = world.store.find('nvme_subsystem', text(draft, 'subsystem'));
      if (!subsystem) throw noSubsystem();
      const svm = text(subsystem, 'svm');
      return { ...withPeers(draft, svm, world), $id: draft.$id, svm };
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => withPeers(changes, text(before, 'svm'), world),
  },
  remove: { asynchronous: false },
};
