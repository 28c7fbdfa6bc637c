import type { Fields } from '../core/declaration.ts';
import { findText, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly, scopeOf } from './common.ts';
import { clusterOf, isMeant } from './lookups.ts';

/** Accounts and roles belong to an SVM or to the cluster, which is their owner then. */

/** The SVM or the cluster that a record belongs to. */
export const ownerOf = (entry: StoredObject, world: World): Entry =>
  world.store.find('svm', findText(entry, 'svm')) ?? clusterOf(world);

export const ownerFields: Fields = {
  'owner.uuid': { kind: 'string', write: 'create', key: true, compute: (entry, world) => ownerOf(entry, world).$id },
  'owner.name': {
    kind: 'string',
    write: 'create',
    key: true,
    compute: (entry, world) => ownerOf(entry, world)['name'],
  },
  scope: readOnly('enum', {
    values: ['cluster', 'svm'],
    compute: scopeOf,
  }),
  // The SVM, where it is the owner.
  svm: { kind: 'ref', to: 'svm', write: 'never', secret: true, expensive: true },
};

/** The key of a record by its owner. */
export const ownedKey = (draft: StoredObject, world: World): string =>
  `${ownerOf(draft, world).$id}/${text(draft, 'name')}`;

/** The key that a record to be made will have. */
export const identifyOwned = (draft: StoredObject, world: World): string =>
  ownedKey(withOwner({ ...draft, $id: '' }, world), world);

/** A record to be made, with its owner found: the cluster when none is given. */
export const withOwner = (draft: Entry, world: World): Entry => {
  const { 'owner.uuid': uuid, 'owner.name': name, ...rest } = draft;
  const cluster = clusterOf(world);
  const fits = (owner: Entry) => isMeant(owner, uuid, name);
  if (fits(cluster)) return { ...rest, $id: draft.$id };
  const svm = world.store.all('svm').find(fits);
  if (svm === undefined)
    throw new Refusal(400, 2621462, `The specified SVM "${String(name ?? uuid)}" does not exist.`, 'owner.name');
  return { ...rest, $id: draft.$id, svm: svm.$id };
};
