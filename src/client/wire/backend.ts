import { anything, flag, list, map, nullable, object, optional, request, text, type ObjectOf } from './codec.ts';

const backendFields = {
  name: text,
  backendUUID: text,
  protocol: text,
  /** The driver's own running configuration, redacted; only `storageDriverName` is common to all. */
  config: anything,
  /** Pool name to pool, untyped as in stock. */
  storage: nullable(map(anything)),
  state: text,
  userState: text,
  online: flag,
  StateReason: text,
  volumes: nullable(list(text)),
  configRef: text,
} as const;
export const backendExternal = object('storage.BackendExternal', backendFields);
export type BackendExternal = ObjectOf<typeof backendFields>;

export const backendStateRequest = request('storage.UpdateBackendStateRequest', { state: text, userState: text });

/** `dryRun`: say what would be done, and do nothing. */
export const repairRequest = request('RepairRequest', { dryRun: flag });

const repairFields = {
  /** One line per change, in their order. */
  changes: list(text),
  /** False when nothing was done because only the plan was asked for. */
  applied: flag,
  /** What nobody on record needs and somebody else may have written, one line each. */
  leftAlone: optional(list(text)),
} as const;
export const repairAnswer = object('RepairResponse', repairFields);
