import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';

const refSchema = v.object({
  qtree: v.object({
    /** The shared FlexVol. */
    volume: v.object({ uuid: v.string(), name: v.string() }),
    name: v.string(),
    /** Where nodes mount it: the FlexVol's junction and the qtree's name. */
    path: v.string(),
  }),
});
export type QtreeRef = v.InferOutput<typeof refSchema>['qtree'];

/** A qtree in a handle's ref; undefined for volumes of another Trident. Its number is not kept: ONTAP gives numbers out again. */
export const qtreeRef = (ref: unknown): QtreeRef | undefined => {
  const result = v.safeParse(refSchema, ref);
  return result.success ? result.output.qtree : undefined;
};

export const withQtreeRef = ({ volume, name, path }: QtreeRef): JsonObject => ({
  qtree: { volume: { uuid: volume.uuid, name: volume.name }, name, path },
});
