import { flag, integer, list, nullable, object, optional, text, type ObjectOf } from './codec.ts';

export const chapInfo = object('models.IscsiChapInfo', {
  useCHAP: flag,
  iscsiUsername: optional(text),
  iscsiInitiatorSecret: optional(text),
  iscsiTargetUsername: optional(text),
  iscsiTargetSecret: optional(text),
});

const autogrowFields = {
  name: text,
  usedThreshold: text,
  growthAmount: text,
  maxSize: text,
  state: text,
  volumes: nullable(list(text)),
  volumeCount: integer,
} as const;
export const autogrowPolicyExternal = object('storage.AutogrowPolicyExternal', autogrowFields);
export type AutogrowPolicyExternal = ObjectOf<typeof autogrowFields>;

const operationFields = {
  id: text,
  /** `volume.create` and the like. */
  kind: text,
  /** What it is about: `volume v1`. */
  subject: text,
  /** Number of steps that ended. */
  step: integer,
  /** `open`, `done`, `undone`, `stuck`. */
  outcome: text,
  begun: text,
  ended: optional(text),
  owner: text,
  reason: optional(text),
} as const;
/** An entry of the journal, without its state. */
export const operationExternal = object('Operation', operationFields);
export type OperationExternal = ObjectOf<typeof operationFields>;
