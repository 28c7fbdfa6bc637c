import { Problem } from '../problem.ts';
import { kinds } from './store.ts';
import type { Kind, Records } from './store.ts';

/** Refusals that every store words alike. */

const names: Readonly<Record<Kind, string>> = {
  backend: 'backend',
  volume: 'volume',
  snapshot: 'snapshot',
  groupSnapshot: 'group snapshot',
  storageClass: 'storage class',
  node: 'node',
  publication: 'publication',
  operation: 'operation',
  driverNote: 'note of a driver',
};

export const recordExists = (kind: Kind, id: string): Problem =>
  new Problem('store.exists', 'exists', `${names[kind]} ${id} already exists`, { nothingDone: true });

export const valueTaken = (kind: Kind, index: string, value: string): Problem =>
  new Problem('store.exists', 'exists', `a ${names[kind]} with ${index} ${value} already exists`, {
    nothingDone: true,
  });

export const recordChanged = (kind: Kind, id: string): Problem =>
  new Problem('store.changed', 'conflict', `${names[kind]} ${id} was changed by someone else in the meantime`, {
    hint: 'look at it again and repeat the command',
    nothingDone: true,
  });

export const storeClosed = (): Problem => new Problem('store.closed', 'unavailable', 'the state store is closed');

export const recordUnreadable = (kind: Kind, id: string, why: string, cause?: unknown): Problem =>
  new Problem('store.unreadable', 'unavailable', `the record of ${names[kind]} ${id} cannot be read: ${why}`, {
    cause,
    hint: 'restore the state directory from a backup, or remove the record and import the object again',
  });

/** @throws Problem of kind `bug`: records of this kind have no such index */
export const getIndex = <K extends Kind>(kind: K, name: string): { readonly value: (record: Records[K]) => string } => {
  const index = kinds[kind].indexes[name];
  if (index === undefined)
    throw new Problem('store.no-index', 'bug', `records of ${names[kind]} have no index ${name}`);
  return index;
};
