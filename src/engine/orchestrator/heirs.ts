import { Problem } from '../problem.ts';
import type { Core } from './core.ts';
import type { SnapshotRecord } from './model.ts';
import { handleOf } from './records.ts';

/**
 * Volumes that were cloned from a snapshot, and may have inherited a copy of it that nobody has on record (SNAP-17): the
 * clones of this very snapshot, on the backend of its volume. Stock takes every clone of a snapshot of that name.
 */
export const findHeirs = async (
  { store }: Core,
  { volume, name }: { readonly volume: string; readonly name: string },
): Promise<readonly string[]> => {
  const source = await store.get('volume', volume);
  if (source === undefined) return [];
  const clones = await store.list('volume', { index: 'cloneSource', value: volume });
  return clones
    .map(({ value }) => value)
    .filter(
      ({ config, backendUUID, state }) =>
        config.cloneSourceSnapshot === name &&
        !config.readOnlyClone &&
        !config.importNotManaged &&
        state === 'online' &&
        backendUUID === source.value.backendUUID,
    )
    .map(({ config }) => config.name);
};

const removeFrom = async (core: Core, heir: string, snapshot: SnapshotRecord, signal: AbortSignal): Promise<void> => {
  const { internalName, created } = snapshot;
  const volume = await core.store.get('volume', heir);
  const backend = volume === undefined ? undefined : await core.store.get('backend', volume.value.backendUUID);
  if (volume === undefined || backend === undefined) return;
  const known = await core.store.list('snapshot', { index: 'volume', value: heir });
  if (known.some(({ value }) => value.internalName === internalName)) return;
  const handle = handleOf(volume.value);
  await core.drivers.use(backend, async (driver) => {
    const found = await driver.findSnapshot(handle, internalName, signal);
    // A copy is of the same instant as what it was copied from; anything else was taken of the clone itself.
    if (found === undefined || created === '' || Date.parse(found.created) !== Date.parse(created)) return;
    await driver.deleteSnapshot(handle, { name: internalName, internalName, ref: found.ref }, signal);
  });
};

/** Removes the copies, as far as they can be: the snapshot itself is gone, and that is what was asked for. */
export const removeInherited = async (
  core: Core,
  heirs: readonly string[],
  snapshot: SnapshotRecord,
  signal: AbortSignal,
): Promise<void> => {
  for (const heir of heirs)
    try {
      await removeFrom(core, heir, snapshot, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!Problem.is(error)) throw error;
    }
};
