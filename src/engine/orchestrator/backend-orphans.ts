import { messageOf } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import type { BackendRecord, VolumeRecord } from './model.ts';
import { commitFresh, editVolume, handleOf } from './records.ts';

/** Volumes looked for at the same time; the driver has its own limit of calls to the array. */
const lookers = 16;

/**
 * Marks volumes that the array says it does not have, and takes the mark from those it has again (BE-50). Only an answer
 * counts: where the array could not say, the volume stays as it is on record.
 */
export const markOrphans = async (
  core: Core,
  backend: Stored<BackendRecord>,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const volumes = await core.store.list('volume', { index: 'backend', value: backend.value.uuid });
  const queue = volumes
    .map(({ value }) => value)
    .filter(({ state }) => state !== 'subordinate')
    .values();
  const look = async (): Promise<void> => {
    for (const volume of queue) await markOne(core, backend, volume, note, signal);
  };
  await Promise.all(Array.from({ length: lookers }, look));
};

const markOne = async (
  core: Core,
  backend: Stored<BackendRecord>,
  volume: VolumeRecord,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { name } = volume.config;
  let exists: boolean;
  try {
    exists = await core.drivers.use(backend, (driver) => driver.volumeExists(handleOf(volume), signal));
  } catch (error) {
    signal.throwIfAborted();
    note(`could not see whether volume ${name} is on the array: ${messageOf(error)}`);
    return;
  }
  if (volume.orphaned !== exists) return;
  note(exists ? `volume ${name} is on the array again` : `volume ${name} is not on the array any more`);
  await commitFresh(
    (changes) => core.store.commit(changes),
    () => editVolume(core.store, name, (record) => ({ ...record, orphaned: !exists })),
  );
};
