import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { VolumeHandle } from '../../objects.ts';

const refSchema = v.object({
  nas: v.object({
    /** Junction path at which nodes mount. */
    path: v.string(),
    /** Export policy we last assigned. */
    exportPolicy: v.string(),
    /** Addresses we let in, by node. */
    grants: v.record(v.string(), v.array(v.string())),
  }),
});
/** What file access keeps in a volume's handle. */
export type NasRef = v.InferOutput<typeof refSchema>['nas'];

/** False for volumes of another Trident, of which we do not know whom we let in. */
export const hasNasRef = (volume: VolumeHandle): boolean => v.is(refSchema, volume.ref);

/** The access's part of a handle; for volumes of another Trident, what their configuration says. */
export const nasRef = (volume: VolumeHandle): NasRef => {
  const result = v.safeParse(refSchema, volume.ref);
  if (result.success) return result.output.nas;
  const path = volume.config.accessInformation.nfsPath ?? `/${volume.config.internalName}`;
  return { path, exportPolicy: volume.config.exportPolicy, grants: {} };
};

export const withNasRef = (ref: JsonObject, { path, exportPolicy, grants }: NasRef): JsonObject => ({
  ...ref,
  nas: { path, exportPolicy, grants },
});
