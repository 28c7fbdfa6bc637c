import { text, texts, type Entry } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { clusterOf, namedIn } from './lookups.ts';

/** One side of a mirror: a volume, in this cluster or in one that it can reach. */
export interface Endpoint {
  readonly world: World;
  readonly svm: Entry;
  readonly volume: Entry;
}

/** This cluster and those that it can reach. */
export const reachableFrom = (world: World): readonly World[] => [world, ...world.neighbours()];

/** `svm:volume` taken apart. Mirrors of whole SVMs and of consistency groups are not simulated. */
export const parseEndpoint = (path: string, side: 'source' | 'destination'): readonly [svm: string, volume: string] => {
  const colon = path.indexOf(':');
  if (colon <= 0)
    throw new Refusal(400, 13303852, `The path "${path}" is not of the form "<svm>:<volume>".`, `${side}.path`);
  const volume = path.slice(colon + 1);
  if (volume === '') throw notSimulated('A mirror of a whole SVM');
  if (volume.startsWith('/')) throw notSimulated('A mirror of a consistency group');
  return [path.slice(0, colon), volume];
};

const noVolume = (path: string, side: string) =>
  new Refusal(400, 917927, `The ${side} volume "${path}" does not exist.`, `${side}.path`);

/** The destination lies in the cluster that is asked; its volume may still have to be made. */
export const findDestination = (
  path: string,
  world: World,
): { readonly svm: Entry; readonly volume: Entry | undefined } => {
  const [svmName, volumeName] = parseEndpoint(path, 'destination');
  const svm = world.store.by('svm', 'name', svmName)[0];
  if (!svm) throw new Refusal(400, 2621462, `The destination SVM "${svmName}" does not exist.`, 'destination.path');
  return { svm, volume: namedIn('volume', volumeName, svm.$id, world) };
};

/** The peer relationship of an SVM with the one of this name, usable for mirrors. */
const peerNamed = (svm: Entry, name: string, world: World): Entry | undefined =>
  world.store
    .by('svm_peer', 'svm', svm.$id)
    .find(
      (peer) =>
        (peer['name'] === name || peer['peer.svm.name'] === name) &&
        peer['state'] === 'peered' &&
        texts(peer, 'applications').includes('snapmirror'),
    );

/** The source of a mirror to an SVM of this cluster: in the SVM itself, or in one that is peered with it. */
export const findSource = (path: string, cluster: string | undefined, destination: Entry, world: World): Endpoint => {
  const [svmName, volumeName] = parseEndpoint(path, 'source');
  const own = text(clusterOf(world), 'name');
  const isHere = cluster === undefined || cluster === own || cluster === clusterOf(world).$id;
  const same = isHere && text(destination, 'name') === svmName;
  const peer = same ? undefined : peerNamed(destination, svmName, world);
  if (!same && !peer)
    throw new Refusal(
      400,
      13303841,
      `The SVM "${text(destination, 'name')}" has no peer "${svmName}" for SnapMirror.`,
      'source.path',
    );
  for (const there of reachableFrom(world)) {
    const svm = same ? destination : there.store.find('svm', peer && text(peer, 'peer.svm.uuid'));
    const volume = svm && there.store.find('svm', svm.$id) && namedIn('volume', volumeName, svm.$id, there);
    if (svm && volume) return { world: there, svm, volume };
  }
  throw noVolume(path, 'source');
};

/** A volume by its key, wherever it lies among what the cluster can reach. */
export const findVolumeAnywhere = (volume: string, world: World): Endpoint | undefined => {
  for (const there of reachableFrom(world)) {
    const found = there.store.find('volume', volume);
    if (found) return { world: there, svm: there.store.get('svm', text(found, 'svm')), volume: found };
  }
  return undefined;
};

export const missingDestination = (path: string): Refusal => noVolume(path, 'destination');
