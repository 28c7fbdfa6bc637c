import { list, nothing, nullable, object, optional, text } from './wire/codec.ts';
import { snapshotExternal } from './wire/snapshot.ts';
import { volumeExternal } from './wire/volume.ts';

/** What many operations have in common. */

/** Path, below the base, where a core of ours answers the whole objects of a list; stock's cores do not say it. */
export const details = optional(text);
const empty = object('Empty', {});
export const names = list(text);
export const volumeAnswer = object('VolumeResponse', { volume: nullable(volumeExternal) });
export const snapshotAnswer = object('SnapshotResponse', { snapshot: nullable(snapshotExternal) });
export const read = { method: 'GET', success: 200, family: 'get', query: [], request: nothing } as const;
/** What is worth knowing and prevented nothing; not in stock. */
export const warnings = optional(list(text));
/** Of what may be only marked, and go later. */
export const removed = object('DeleteResponse', { warnings });
export const remove = {
  method: 'DELETE',
  success: 200,
  family: 'delete',
  query: [],
  request: nothing,
  response: empty,
} as const;
