import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';

const refSchema = v.object({
  maps: v.record(
    v.string(),
    v.object({
      igroup: v.string(),
      /** UUID of the igroup. */
      uuid: v.string(),
    }),
  ),
});
/** Where the LUN of a volume is mapped for us, by node. */
export type SanMaps = v.InferOutput<typeof refSchema>['maps'];

/** The access's part of a handle; empty for volumes of another Trident. */
export const sanMaps = (ref: JsonObject): SanMaps => {
  const result = v.safeParse(refSchema, ref);
  return result.success ? result.output.maps : {};
};

export const withSanMaps = (ref: JsonObject, maps: SanMaps): JsonObject => ({ ...ref, maps });
