import type { Context, Fields, Resource, Values } from '../core/declaration.ts';
import { findText, isStoredList, text, type Entry } from '../core/entry.ts';
import { noEntry, Refusal } from '../core/refusal.ts';
import { parseBoolean } from '../core/scalars.ts';
import type { World } from '../core/world.ts';
import { passing, uuidField } from './common.ts';
import { clusterOf, isMeant } from './lookups.ts';
import { reachableFrom } from './snapmirror-endpoint.ts';

const PEER = 'svm_peer';
const STATES = ['peered', 'rejected', 'suspended', 'initiated', 'pending', 'initializing'];

/** States that a PATCH can bring a peer into, by the one it is in. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  pending: ['peered', 'rejected'],
  peered: ['suspended'],
  suspended: ['peered'],
};

interface Remote {
  readonly world: World;
  readonly svm: Entry;
}

/** The SVM of a peer, wherever it is. */
const findRemote = (peer: Entry, world: World): Remote | undefined => {
  for (const there of reachableFrom(world)) {
    const svm = there.store.find('svm', text(peer, 'peer.svm.uuid'));
    if (svm) return { world: there, svm };
  }
  return undefined;
};

/** The record that the other SVM has of the same relationship. */
const otherSide = (peer: Entry, world: World): { readonly world: World; readonly entry: Entry } | undefined => {
  const remote = findRemote(peer, world);
  const entry = remote?.world.store
    .by(PEER, 'svm', remote.svm.$id)
    .find((each) => each['peer.svm.uuid'] === peer['svm']);
  return remote && entry && { world: remote.world, entry };
};

/** The cluster of the SVM that a body names: this one, or one that is peered with it. */
const findCluster = (draft: Entry, world: World): World => {
  const own = clusterOf(world);
  const name = findText(draft, 'peer.cluster.name');
  const uuid = findText(draft, 'peer.cluster.uuid');
  if (isMeant(own, uuid, name)) return world;
  const found = world.store
    .all('cluster_peer')
    .find((peer) => (name === undefined ? peer['$cluster'] === uuid : peer['name'] === name));
  const there = world.neighbours().find((each) => found !== undefined && clusterOf(each).$id === found['$cluster']);
  if (!found || !there || text(found, 'status.state') !== 'available')
    throw new Refusal(
      400,
      26345581,
      `The peer cluster "${name ?? uuid ?? ''}" could not be found among the available ones.`,
      'peer.cluster',
    );
  if (uuid !== undefined && found['$cluster'] !== uuid)
    throw new Refusal(400, 26345575, 'The peer cluster name and the peer cluster UUID do not match.', 'peer.cluster');
  return there;
};

const findPeerSvm = (draft: Entry, there: World): Entry => {
  const name = findText(draft, 'peer.svm.name');
  const uuid = findText(draft, 'peer.svm.uuid');
  if (name === undefined && uuid === undefined)
    throw new Refusal(400, 26345580, 'The name or the UUID of the peer SVM must be given.', 'peer.svm');
  const found = there.store
    .all('svm')
    .find((svm) => (name === undefined || svm['name'] === name) && (uuid === undefined || svm.$id === uuid));
  if (!found) throw new Refusal(400, 2621462, `SVM "${name ?? uuid ?? ''}" does not exist.`, 'peer.svm');
  return found;
};

const values = (svm: string, remote: Remote) => ({
  svm,
  'peer.svm.name': text(remote.svm, 'name'),
  'peer.svm.uuid': remote.svm.$id,
  'peer.cluster.name': text(clusterOf(remote.world), 'name'),
  'peer.cluster.uuid': clusterOf(remote.world).$id,
});

/** Whether the other cluster has let its SVM be peered without being asked. */
const isAllowed = (svm: Entry, there: World, here: World): boolean =>
  there.store
    .all('cluster_peer')
    .filter((peer) => peer['$cluster'] === clusterOf(here).$id)
    .some((peer) => {
      const allowed = peer['$allowed'];
      return (
        allowed !== undefined && isStoredList(allowed) && (allowed.includes('*') || allowed.includes(text(svm, 'name')))
      );
    });

const prepare = (draft: Entry, { world }: Context): Entry => {
  const there = findCluster(draft, world);
  const remote = { world: there, svm: findPeerSvm(draft, there) };
  const svm = world.store.get('svm', text(draft, 'svm'));
  if (there === world && remote.svm.$id === svm.$id)
    throw new Refusal(400, 26345579, 'An SVM cannot be peered with itself.', 'peer.svm');
  const name = findText(draft, 'name') ?? text(remote.svm, 'name');
  if (there !== world && world.store.by('svm', 'name', name).length > 0)
    throw new Refusal(
      400,
      9896086,
      `The name "${name}" is that of an SVM of this cluster. Give the peer a local name.`,
      'name',
    );
  return {
    ...draft,
    ...values(svm.$id, remote),
    name,
    state: there === world || isAllowed(remote.svm, there, world) ? 'peered' : 'initiated',
  };
};

/** The other SVM learns of it: within a cluster at once, in another cluster it has to accept. */
const tellOther = (entry: Entry, { world }: Context) => {
  const remote = findRemote(entry, world);
  if (!remote) throw noEntry('peer.svm');
  if (otherSide(entry, world)) return;
  const own = { world, svm: world.store.get('svm', text(entry, 'svm')) };
  const $id = remote.world.random.uuid(PEER);
  remote.world.store.put(PEER, {
    $id,
    uuid: $id,
    name: text(own.svm, 'name'),
    ...values(remote.svm.$id, own),
    state: text(entry, 'state') === 'peered' ? 'peered' : 'pending',
    applications: entry['applications'],
  });
};

const prepareChange = (changes: Values, before: Entry): Values => {
  if (changes['state'] === undefined && changes['applications'] === undefined && changes['name'] === undefined)
    throw new Refusal(400, 26345577, 'One of "applications", "state" and "name" is needed.');
  const { state } = changes;
  const from = text(before, 'state');
  if (typeof state === 'string' && state !== from && CHANGES[from]?.includes(state) !== true)
    throw new Refusal(400, 26345576, `A peer in the state "${from}" cannot become "${state}".`, 'state');
  return changes;
};

const applyChange = (after: Entry, before: Entry, { world }: Context) => {
  const other = otherSide(after, world);
  if (!other) return;
  other.world.store.change(PEER, other.entry.$id, {
    ...(after['state'] === before['state'] ? {} : { state: after['state'] }),
    ...(after['applications'] === before['applications'] ? {} : { applications: after['applications'] }),
  });
};

/** Mirrors between the two SVMs that are known here. */
const hasMirrors = (peer: Entry, world: World): boolean =>
  world.store
    .all('snapmirror_relationship')
    .some(
      (each) =>
        (each['source.svm.uuid'] === peer['svm'] && each['destination.svm.uuid'] === peer['peer.svm.uuid']) ||
        (each['destination.svm.uuid'] === peer['svm'] && each['source.svm.uuid'] === peer['peer.svm.uuid']),
    );

const nameNow = (peer: Entry, world: World) => findRemote(peer, world)?.svm['name'] ?? peer['peer.svm.name'];

const fields: Fields = {
  uuid: uuidField,
  name: { kind: 'string', key: true },
  svm: {
    kind: 'ref',
    to: 'svm',
    write: 'create',
    required: true,
    key: true,
    missing: () => new Refusal(400, 26345580, 'The name or the UUID of the SVM must be given.', 'svm'),
  },
  'peer.svm.name': { kind: 'string', write: 'create', compute: nameNow },
  'peer.svm.uuid': { kind: 'string', write: 'create' },
  'peer.cluster.name': { kind: 'string', write: 'create' },
  'peer.cluster.uuid': { kind: 'string', write: 'create' },
  state: { kind: 'enum', write: 'modify', values: STATES },
  applications: { kind: 'strings', required: true, values: ['snapmirror', 'file_copy', 'lun_copy', 'flexcache'] },
  force: passing('boolean'),
};

/** `/svm/peers`: within the cluster peered at once, with another cluster when the other side accepts. */
export const svmPeer: Resource = {
  kind: PEER,
  path: '/svm/peers',
  keys: ['uuid'],
  order: ['svm', 'name'],
  fields,
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'peer.svm.uuid'],
      refusal: () => new Refusal(409, 1, 'There is a peer relationship between these SVMs already.', 'peer.svm'),
    },
  ],
  parameters: { remove: ['force'] },
  create: { asynchronous: true, prepare, effects: tellOther },
  modify: { asynchronous: true, prepare: prepareChange, effects: applyChange },
  remove: {
    asynchronous: true,
    check: (entry, { world, parameters }) => {
      const forced = parseBoolean(parameters['force'] ?? 'false') === true;
      if (!forced && hasMirrors(entry, world))
        throw new Refusal(409, 9895996, `The SVMs have SnapMirror relationships with each other.`);
    },
    effects: (entry, { world }) => {
      const other = otherSide(entry, world);
      if (other && other.entry.$id !== entry.$id) other.world.store.remove(PEER, other.entry.$id);
    },
  },
  seed: ({ peers }, world) =>
    peers.flatMap(({ svm, peer, applications }) =>
      [
        [svm, peer],
        [peer, svm],
      ].flatMap(([own = '', other = '']): Entry[] => {
        const mine = world.store.by('svm', 'name', own)[0];
        const theirs = world.store.by('svm', 'name', other)[0];
        return mine && theirs ? [peeredEntry(mine, { world, svm: theirs }, applications, world)] : [];
      }),
    ),
};

const peeredEntry = (svm: Entry, remote: Remote, applications: readonly string[], world: World): Entry => {
  const id = world.random.uuid(PEER);
  return {
    $id: id,
    uuid: id,
    name: text(remote.svm, 'name'),
    ...values(svm.$id, remote),
    state: 'peered',
    applications,
  };
};

/** Peers two SVMs of two clusters, as if both sides had been asked. */
export const peerSvms = (mine: Remote, theirs: Remote, applications: readonly string[]): void => {
  mine.world.store.put(PEER, peeredEntry(mine.svm, theirs, applications, mine.world));
  theirs.world.store.put(PEER, peeredEntry(theirs.svm, mine, applications, theirs.world));
};
