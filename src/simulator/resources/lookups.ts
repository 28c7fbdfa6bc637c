import type { Entry, Stored } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** Records that are found by what is known of them. */

export const clusterOf = (world: World): Entry => {
  const [cluster] = world.store.all('cluster');
  if (!cluster) throw new Error('A simulated cluster has no record of itself.');
  return cluster;
};

/** The record of a kind that has the name in its SVM; `svm` undefined: in the cluster. */
export const namedIn = (kind: string, name: string, svm: Stored | undefined, world: World): Entry | undefined =>
  world.store.by(kind, 'name', name).find((entry) => entry['svm'] === svm);

/** Whether a record fits what is given of its UUID and its name. */
export const isMeant = (entry: Entry, uuid: unknown, name: unknown): boolean =>
  (uuid ?? entry.$id) === entry.$id && (name ?? entry['name']) === entry['name'];
