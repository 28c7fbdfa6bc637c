import { isJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { compactConfig } from '../orchestrator/compact-config.ts';
import { emptyVolumeConfig } from '../orchestrator/model.ts';
import type { VolumeConfig } from '../orchestrator/model.ts';
import type { Kind, Records } from './store.ts';

/** How records look in a row. */

const emptyValues: ReadonlyMap<string, unknown> = new Map(Object.entries(emptyVolumeConfig));

/** The object to write as JSON. */
export const toStored = <K extends Kind>(kind: K, record: Records[K]): object => {
  if (kind !== 'volume' || !('config' in record) || !('backendUUID' in record)) return record;
  return { ...record, config: compactConfig(record.config) };
};

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
const object: Check = isJsonObject;
const list: Check = Array.isArray;

/** Enough of each shape to tell a record of this kind from anything else. Records were written by us, so not more. */
const checks: { readonly [K in Kind]: { readonly [F in keyof Records[K]]?: Check } } = {
  backend: {
    uuid: text,
    name: text,
    driver: text,
    config: object,
    shownConfig: object,
    pools: list,
    facts: object,
    state: text,
    userState: text,
  },
  volume: { config: object, backendUUID: text, pool: text, orphaned: flag, state: text, ref: object },
  snapshot: { volume: text, name: text, internalName: text, created: text, size: number, state: text, ref: object },
  groupSnapshot: { name: text, volumes: list, snapshots: list, created: text },
  storageClass: { name: text, attributes: object, storagePools: object, attributesGiven: flag },
  node: { name: text, ips: list, hostInfo: object, deleted: flag, publicationState: text },
  publication: { volume: text, node: text, readOnly: flag, accessMode: number, backendUUID: text },
  operation: { id: text, kind: text, step: number, state: object, outcome: text, begun: text, owner: text },
  driverNote: { backendUUID: text, key: text, text },
};

const fieldsOf = new Map<Kind, readonly [string, Check][]>();
const fieldChecks = (kind: Kind): readonly [string, Check][] => {
  const known = fieldsOf.get(kind);
  if (known !== undefined) return known;
  const made: readonly [string, Check][] = Object.entries(checks[kind]);
  fieldsOf.set(kind, made);
  return made;
};

/** The first field that is missing or of another type, if any. */
const wrongField = (kind: Kind, value: JsonObject): string | undefined => {
  for (const [field, check] of fieldChecks(kind)) if (!check(value[field])) return field;
  return undefined;
};

const isRecord = <K extends Kind>(kind: K, value: unknown): value is Records[K] =>
  isJsonObject(value) && wrongField(kind, value) === undefined;

const wrongConfigKey = (config: JsonObject): string | undefined => {
  for (const key in config) {
    const value = config[key];
    const empty = emptyValues.get(key);
    if (empty !== undefined && (typeof value !== typeof empty || Array.isArray(value) !== Array.isArray(empty)))
      return key;
  }
  return typeof config['name'] === 'string' ? undefined : 'name';
};

const isConfig = (value: JsonObject): value is JsonObject & Partial<VolumeConfig> =>
  wrongConfigKey(value) === undefined;

/** The record a row's JSON stands for. @throws Error that says which field is wrong */
export const fromStored = <K extends Kind>(kind: K, stored: JsonObject): Records[K] => {
  let value = stored;
  if (kind === 'volume' && isJsonObject(stored['config'])) {
    const { config } = stored;
    if (!isConfig(config)) throw new Error(`config.${wrongConfigKey(config)} is missing or of the wrong type`);
    value = Object.assign(stored, { config: { ...emptyVolumeConfig, ...config } });
  }
  if (isRecord(kind, value)) return value;
  throw new Error(`${wrongField(kind, value)} is missing or of the wrong type`);
};

/** Makes sure that nobody changes what others read too. */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
};
