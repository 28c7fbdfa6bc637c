import type { Context, Fields, Resource } from '../core/declaration.ts';
import { findText, integer, text, texts, type Entry } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { fullVersion, passing, readOnly, uuidField, versionParts } from './common.ts';
import { clusterOf } from './lookups.ts';

const PEER = 'cluster_peer';

/** Addresses at which a cluster takes the calls of its peers: intercluster interfaces, and its management address. */
const addressesOf = (world: World): readonly string[] => [
  world.topology.cluster.managementAddress,
  ...world.store
    .all('ip_interface')
    .filter((lif) => texts(lif, 'services').includes('intercluster_core'))
    .map((lif) => text(lif, 'ip.address')),
];

/** The simulated cluster behind one of the addresses. */
const findCluster = (addresses: readonly string[], world: World): World | undefined =>
  world.neighbours().find((there) => addressesOf(there).some((address) => addresses.includes(address)));

/** The offer that the other cluster has made to this one. */
const offerOf = (there: World, here: World): Entry | undefined => {
  const own = addressesOf(here);
  return there.store
    .all(PEER)
    .find((peer) => texts(peer, 'remote.ip_addresses').some((address) => own.includes(address)));
};

const known = (there: World) => {
  const cluster = clusterOf(there);
  const [generation, major, minor] = versionParts(there.version);
  return {
    $cluster: cluster.$id,
    'remote.name': text(cluster, 'name'),
    'remote.serial_number': text(there.store.all('node')[0] ?? cluster, 'serial_number'),
    'version.full': fullVersion(there.version),
    'version.generation': generation,
    'version.major': major,
    'version.minor': minor,
  };
};

const agreed = { 'authentication.state': 'ok', 'authentication.in_use': 'ok', 'status.state': 'available' };

const prepare = (draft: Entry, { world }: Context): Entry => {
  if (draft['authentication.generate_passphrase'] === true) throw notSimulated('A generated passphrase');
  const addresses = texts(draft, 'remote.ip_addresses');
  const passphrase = findText(draft, 'authentication.passphrase') ?? '';
  if (addresses.length === 0)
    throw passphrase === ''
      ? new Refusal(400, 4656077, 'Give remote IP addresses or "generate_passphrase".', 'remote.ip_addresses')
      : new Refusal(400, 4656069, 'A passphrase goes with remote IP addresses.', 'remote.ip_addresses');
  const shortest = integer(clusterOf(world), 'peering_policy.minimum_passphrase_length');
  if (passphrase.length < shortest)
    throw new Refusal(
      400,
      4653299,
      `The passphrase must have at least ${shortest} characters.`,
      'authentication.passphrase',
    );
  const there = findCluster(addresses, world);
  if (there && text(clusterOf(there), 'name') === text(clusterOf(world), 'name'))
    throw new Refusal(400, 4656071, 'A cluster cannot be peered with one of the same name.', 'remote');
  const name = findText(draft, 'name') ?? (there ? text(clusterOf(there), 'name') : (addresses[0] ?? ''));
  const { initial_allowed_svms: _allowed, ...given } = draft;
  return {
    ...given,
    $id: draft.$id,
    name,
    $passphrase: passphrase,
    ...(there ? known(there) : {}),
    ...allowedIn(draft, world),
    'authentication.state': 'pending',
    'authentication.in_use': 'absent',
    'status.state': there ? 'pending' : 'unavailable',
    'status.update_time': world.clock.text(),
  };
};

const allowedIn = (draft: Entry, world: World) => {
  const names = (Array.isArray(draft['initial_allowed_svms']) ? draft['initial_allowed_svms'] : []).map((each: Entry) =>
    text(each, 'name'),
  );
  for (const name of names)
    if (name !== '*' && world.store.by('svm', 'name', name).length === 0)
      throw new Refusal(400, 2621462, `SVM "${name}" does not exist.`, 'initial_allowed_svms');
  return names.length === 0 ? {} : { $allowed: names, initial_allowed_svms: names.map((name) => ({ name })) };
};

/** Both sides have offered, with the same passphrase: they are peers. */
const settle = (entry: Entry, { world }: Context) => {
  const there = findCluster(texts(entry, 'remote.ip_addresses'), world);
  const offer = there && offerOf(there, world);
  if (!there || !offer) return;
  if (offer['$passphrase'] !== entry['$passphrase']) {
    world.store.change(PEER, entry.$id, { 'authentication.state': 'problem', 'status.state': 'unavailable' });
    return;
  }
  world.store.change(PEER, entry.$id, agreed);
  there.store.change(PEER, offer.$id, { ...agreed, ...known(world), 'status.update_time': there.clock.text() });
};

const fields: Fields = {
  uuid: uuidField,
  name: { kind: 'string', key: true },
  'remote.ip_addresses': { kind: 'strings' },
  'remote.name': readOnly('string'),
  'remote.serial_number': readOnly('string'),
  'authentication.passphrase': passing('string'),
  'authentication.generate_passphrase': passing('boolean'),
  'authentication.expiry_time': { kind: 'string' },
  'authentication.state': readOnly('enum', { values: ['ok', 'absent', 'pending', 'problem'] }),
  'authentication.in_use': readOnly('enum', { values: ['ok', 'absent', 'revoked'] }),
  'encryption.state': readOnly('enum', { values: ['none', 'tls_psk'], compute: () => 'tls_psk' }),
  initial_allowed_svms: { kind: 'objects', of: { name: { kind: 'string' }, uuid: { kind: 'string' } } },
  peer_applications: { kind: 'strings', values: ['snapmirror', 'file_copy', 'lun_copy', 'flexcache'] },
  'ipspace.name': { kind: 'string', write: 'create', default: 'Default', values: ['Default'] },
  'status.state': readOnly('enum', { values: ['available', 'partial', 'unavailable', 'pending', 'unidentified'] }),
  'status.update_time': readOnly('time'),
  'version.full': readOnly('string'),
  'version.generation': readOnly('integer'),
  'version.major': readOnly('integer'),
  'version.minor': readOnly('integer'),
};

/** `/cluster/peers`: other simulated clusters that this one is connected with. */
export const clusterPeer: Resource = {
  kind: PEER,
  path: '/cluster/peers',
  keys: ['uuid'],
  order: ['name'],
  clusterOnly: 'writes',
  fields,
  unique: [
    {
      fields: ['name'],
      refusal: (entry) => new Refusal(409, 1, `There is a cluster peer "${text(entry, 'name')}" already.`, 'name'),
    },
  ],
  create: { asynchronous: false, prepare, effects: settle },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      const { 'authentication.passphrase': passphrase, initial_allowed_svms, ...others } = changes;
      return {
        ...others,
        ...(passphrase === undefined ? {} : { $passphrase: passphrase }),
        ...(initial_allowed_svms === undefined ? {} : allowedIn({ ...before, initial_allowed_svms }, world)),
      };
    },
    effects: (after, _before, context) => settle(after, context),
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (world.store.all('svm_peer').some((peer) => peer['peer.cluster.uuid'] === entry['$cluster']))
        throw new Refusal(409, 8, `SVMs are peered with SVMs of the cluster "${text(entry, 'name')}".`);
    },
    effects: (entry, { world }) => {
      for (const there of world.neighbours()) {
        if (clusterOf(there).$id !== entry['$cluster']) continue;
        for (const peer of there.store.all(PEER).filter((each) => each['$cluster'] === clusterOf(world).$id))
          there.store.change(PEER, peer.$id, { 'status.state': 'unavailable' });
      }
    },
  },
};

/** Peers two connected clusters, as if both sides had been asked. */
export const peerClusters = (here: World, there: World): void => {
  for (const [own, other] of [
    [here, there],
    [there, here],
  ] as const) {
    const $id = own.random.uuid(PEER);
    own.store.put(PEER, {
      $id,
      uuid: $id,
      name: text(clusterOf(other), 'name'),
      ...known(other),
      ...agreed,
      'remote.ip_addresses': addressesOf(other),
      'ipspace.name': 'Default',
      'status.update_time': own.clock.text(),
      peer_applications: ['snapmirror'],
    });
  }
};
