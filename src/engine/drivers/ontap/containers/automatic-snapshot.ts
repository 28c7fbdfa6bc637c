import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { Snapshots } from '../parts.ts';

const refSchema = v.object({ automaticSnapshot: v.object({ volume: v.string(), name: v.string() }) });

/**
 * Removes the snapshot that was taken for a clone, now that the clone is gone. Others may have been cloned from it, so it
 * goes if it can, and nothing is wrong when it cannot.
 * @param sourceRef the ref of the clone's source, given its UUID
 */
export const removeAutomaticSnapshot = async (
  snapshots: Snapshots,
  { config, ref }: VolumeHandle,
  sourceRef: (uuid: string, name: string) => VolumeHandle['ref'],
  signal: AbortSignal,
): Promise<void> => {
  const parsed = v.safeParse(refSchema, ref);
  // The pair of an internal and no visible name marks an automatic snapshot of volumes that stock made.
  const byStock =
    config.cloneSourceSnapshot === '' &&
    config.cloneSourceSnapshotInternal !== '' &&
    config.cloneSourceVolumeInternal !== '';
  if (!parsed.success && !byStock) return;
  const name = parsed.success ? parsed.output.automaticSnapshot.name : config.cloneSourceSnapshotInternal;
  const source: VolumeHandle = {
    config: { ...config, internalName: config.cloneSourceVolumeInternal },
    ref: parsed.success ? sourceRef(parsed.output.automaticSnapshot.volume, config.cloneSourceVolumeInternal) : {},
  };
  try {
    await snapshots.remove(source, { name, internalName: name, ref: {} }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!Problem.is(error)) throw error;
  }
};
