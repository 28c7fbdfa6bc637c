import { flag, object, optional, request, text, type ObjectOf } from './codec.ts';

const mirrorFields = {
  volume: text,
  /** `none`, `establishing`, `established`, `promoting`, `promoted`. */
  state: text,
  healthy: flag,
  reason: optional(text),
  /** `svm:volume` of both sides; the other one is empty when there is no mirror. */
  localVolume: text,
  remoteVolume: optional(text),
  policy: optional(text),
  schedule: optional(text),
  /** `none`, `running`, `done`, `failed`. */
  transferState: text,
  transferEnded: optional(text),
  /** The snapshot to promote at has not come over yet. */
  waiting: flag,
} as const;
export const mirrorExternal = object('Mirror', mirrorFields);
export type MirrorExternal = ObjectOf<typeof mirrorFields>;

/** Empty members: what is on record, else what the backend is configured with. */
export const mirrorRequest = request('MirrorRequest', {
  remoteVolume: optional(text),
  policy: optional(text),
  schedule: optional(text),
});
export const promoteRequest = request('PromoteRequest', { remoteVolume: optional(text), snapshot: optional(text) });
export const mirrorUpdateRequest = request('MirrorUpdateRequest', { snapshot: optional(text) });
export const releaseRequest = request('ReleaseRequest', { remoteVolume: optional(text) });
