import { integer, object, optional, request, text, type ObjectOf } from './codec.ts';

const moveFields = {
  volume: text,
  /** `none`, `moving`, `moved`, `failed`. */
  state: text,
  /** Where the volume is now. */
  pool: text,
  node: optional(text),
  targetPool: optional(text),
  targetNode: optional(text),
  /** How much has been copied. */
  percent: integer,
} as const;
export const moveExternal = object('VolumeMove', moveFields);
export type MoveExternal = ObjectOf<typeof moveFields>;

/** Empty members: whatever it is. */
export const moveRequest = request('VolumeMoveRequest', {
  targetPool: optional(text),
  sourcePool: optional(text),
  targetNode: optional(text),
  sourceNode: optional(text),
});
