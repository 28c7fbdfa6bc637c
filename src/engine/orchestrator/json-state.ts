import type { JsonObject, JsonValue } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import { emptyVolumeConfig } from './model.ts';
import type { PoolRecord, VolumeConfig } from './model.ts';

/** A value made of plain data as JSON; members that are undefined are left out. @throws Problem of kind `bug` */
const toJson = (value: unknown): JsonValue => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object') {
    const object: Record<string, JsonValue> = {};
    for (const [key, member] of Object.entries(value)) if (member !== undefined) object[key] = toJson(member);
    return object;
  }
  throw new Problem('journal.state', 'bug', `a ${typeof value} cannot be journalled`);
};

/** As `toJson`, for an object. */
export const toJsonObject = (value: object): JsonObject => {
  const json = toJson(value);
  if (isJsonObject(json)) return json;
  throw new Problem('journal.state', 'bug', 'a list cannot be journalled as a state');
};

const unreadable = (key: string, wanted: string): Problem =>
  new Problem('journal.unreadable', 'bug', `journalled state: ${key} is not ${wanted}`);

/** Readers of the members of a journalled state; each refuses what has another shape. */
export interface StateReader {
  text(key: string): string;
  optionalText(key: string): string | undefined;
  integer(key: string): number;
  optionalInteger(key: string): number | undefined;
  flag(key: string): boolean;
  object(key: string): JsonObject;
  optionalObject(key: string): JsonObject | undefined;
  texts(key: string): readonly string[];
  objects(key: string): readonly JsonObject[];
  volumeConfig(key: string): VolumeConfig;
}

export const readState = (state: JsonObject): StateReader => {
  const object = (key: string): JsonObject => {
    const value = state[key];
    if (isJsonObject(value)) return value;
    throw unreadable(key, 'an object');
  };
  const list = (key: string): readonly JsonValue[] => {
    const value = state[key];
    if (Array.isArray(value)) return value;
    throw unreadable(key, 'a list');
  };
  const text = (key: string): string => {
    const value = state[key];
    if (typeof value === 'string') return value;
    throw unreadable(key, 'a text');
  };
  const integer = (key: string): number => {
    const value = state[key];
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw unreadable(key, 'a whole number');
  };
  return {
    text,
    optionalText: (key) => (state[key] === undefined ? undefined : text(key)),
    integer,
    optionalInteger: (key) => (state[key] === undefined ? undefined : integer(key)),
    flag(key) {
      const value = state[key];
      if (typeof value === 'boolean') return value;
      throw unreadable(key, 'true or false');
    },
    object,
    optionalObject: (key) => (state[key] === undefined ? undefined : object(key)),
    texts: (key) =>
      list(key).map((value) => {
        if (typeof value === 'string') return value;
        throw unreadable(key, 'a list of texts');
      }),
    objects: (key) =>
      list(key).map((value) => {
        if (isJsonObject(value)) return value;
        throw unreadable(key, 'a list of objects');
      }),
    volumeConfig: (key) => readVolumeConfig(object(key)),
  };
};

const shapeOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

/** True when the value has every member of a volume configuration with the right shape; more members are let be. */
const isVolumeConfig = (value: Readonly<Record<string, unknown>>): value is Record<string, unknown> & VolumeConfig =>
  Object.entries(emptyVolumeConfig).every(([key, empty]) => shapeOf(value[key]) === shapeOf(empty));

/** A journalled volume configuration; members that a newer version added are filled with nothing asked for. */
const readVolumeConfig = (given: JsonObject): VolumeConfig => {
  const config = { ...emptyVolumeConfig, ...given };
  if (isVolumeConfig(config)) return config;
  throw unreadable('config', 'a volume configuration');
};

const isPool = (value: JsonObject): value is JsonObject & PoolRecord =>
  typeof value['name'] === 'string' &&
  typeof value['key'] === 'string' &&
  isJsonObject(value['offers']) &&
  isJsonObject(value['settings']) &&
  Array.isArray(value['supportedTopologies']);

/** A journalled pool. @throws Problem `journal.unreadable` */
export const readPool = (given: JsonObject): PoolRecord => {
  if (isPool(given)) return given;
  throw unreadable('pool', 'a pool');
};
