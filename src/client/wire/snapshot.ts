import { flag, integer, list, nullable, object, optional, request, text, type ObjectOf } from './codec.ts';

const configFields = {
  version: optional(text),
  name: optional(text),
  internalName: optional(text),
  volumeName: optional(text),
  volumeInternalName: optional(text),
  luksPassphraseNames: optional(list(text)),
  importNotManaged: flag,
  groupSnapshotName: optional(text),
} as const;
export const snapshotConfig = object('storage.SnapshotConfig', configFields);
export const snapshotConfigRequest = request('storage.SnapshotConfig', configFields);

const snapshotFields = { Config: snapshotConfig, dateCreated: text, size: integer, state: text } as const;
export const snapshotExternal = object('storage.SnapshotExternal', snapshotFields);
export type SnapshotExternal = ObjectOf<typeof snapshotFields>;

const groupFields = {
  version: optional(text),
  name: optional(text),
  internalName: optional(text),
  volumeNames: optional(list(text)),
  snapshotIDs: nullable(list(text)),
  dateCreated: text,
} as const;
export const groupSnapshotExternal = object('storage.GroupSnapshotExternal', groupFields);
export type GroupSnapshotExternal = ObjectOf<typeof groupFields>;
/** Of the configuration what a caller decides; the name is in the path. */
export const groupSnapshotRequest = request('storage.GroupSnapshotConfig', {
  version: optional(text),
  name: optional(text),
  volumeNames: optional(list(text)),
});
