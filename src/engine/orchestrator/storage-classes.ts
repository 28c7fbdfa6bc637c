import { requireAddressable } from '../object-names.ts';
import { Problem } from '../problem.ts';
import { canonicalAttributes } from './attributes.ts';
import { poolsOfClass } from './classes.ts';
import type { Core } from './core.ts';
import { DryRun } from './dry-run.ts';
import type { BackendRecord, StorageClassRecord } from './model.ts';
import type { CallOptions, StorageClassView } from './orchestrator.ts';
import { notFound } from './problems.ts';

const viewOf = (storageClass: StorageClassRecord, backends: readonly BackendRecord[]): StorageClassView => ({
  storageClass,
  storage: Object.fromEntries(
    backends
      .map(
        (backend) =>
          [
            backend.name,
            poolsOfClass(storageClass, backend)
              .map(({ name }) => name)
              .sort(),
          ] as const,
      )
      .filter(([, pools]) => pools.length > 0),
  ),
});

const readBackends = async ({ store }: Core): Promise<readonly BackendRecord[]> =>
  (await store.list('backend')).map(({ value }) => value);

const alreadyExists = (name: string, cause?: unknown): Problem =>
  new Problem('storageclass.exists', 'exists', `storage class ${name} already exists`, { cause, nothingDone: true });

/** What a class would be, and where its volumes could go. */
const stepsOfAdd = ({ storageClass, storage }: StorageClassView): readonly string[] => {
  const places = Object.entries(storage).map(([backend, pools]) => `${backend} (${pools.join(', ')})`);
  const where = places.length === 0 ? 'which no pool satisfies' : `with pools of ${places.join(', ')}`;
  return [`add storage class ${storageClass.name}, ${where}`];
};

/**
 * Adds a storage class (SC-10, SC-17); attributes are stored in canonical form.
 * @throws Problem `storageclass.attribute` (kind `invalid`) for attributes, `storageclass.exists`
 */
export const addStorageClass = async (
  core: Core,
  given: StorageClassRecord,
  options: Pick<CallOptions, 'dryRun'>,
): Promise<StorageClassView> => {
  const attributes = canonicalAttributes(given.attributes);
  if (given.name === '')
    throw new Problem(
      'storageclass.incomplete',
      'invalid',
      'the following fields for "StorageClass" are mandatory: name',
    );
  requireAddressable('storage class', given.name, 'name');
  const put = { ...given, attributes, version: given.version === '' ? '1' : given.version };
  if (options.dryRun === true) {
    if ((await core.store.get('storageClass', put.name)) !== undefined) throw alreadyExists(put.name);
    throw new DryRun(stepsOfAdd(viewOf(put, await readBackends(core))));
  }
  try {
    await core.journal.note('storageclass.create', `storage class ${put.name}`, [
      { kind: 'storageClass', put, revision: 'new' },
    ]);
  } catch (error) {
    if (!Problem.is(error) || error.code !== 'store.exists') throw error;
    throw alreadyExists(put.name, error);
  }
  return viewOf(put, await readBackends(core));
};

/** @throws Problem `storageclass.not-found` */
export const getStorageClass = async (core: Core, name: string): Promise<StorageClassView> => {
  const found = await core.store.get('storageClass', name);
  if (found === undefined) throw notFound('storageclass.not-found', `storage class ${name} was not found`);
  return viewOf(found.value, await readBackends(core));
};

export const listStorageClasses = async (core: Core): Promise<readonly StorageClassView[]> => {
  const backends = await readBackends(core);
  return (await core.store.list('storageClass')).map(({ value }) => viewOf(value, backends));
};

/** Removes a class; volumes of it stay as they are. @throws Problem `storageclass.not-found` */
export const removeStorageClass = async (core: Core, name: string, options: CallOptions): Promise<void> => {
  const found = await core.store.get('storageClass', name);
  if (found === undefined) throw notFound('storageclass.not-found', `storage class ${name} not found`);
  if (options.dryRun === true) throw new DryRun([`remove storage class ${name}`]);
  await core.journal.note('storageclass.delete', `storage class ${name}`, [{ kind: 'storageClass', remove: name }]);
};
