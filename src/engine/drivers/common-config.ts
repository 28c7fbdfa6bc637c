import { isJsonObject } from '../json.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { UserState } from '../orchestrator/model.ts';
import { Problem, messageOf } from '../problem.ts';
import { parseSize } from '../sizes.ts';
import type { DriverContext } from './driver.ts';

/** The keys that a backend configuration of any driver may have (storage_drivers/types.go). */
export const commonKeys = [
  'version',
  'storageDriverName',
  'backendName',
  'debug',
  'debugTraceFlags',
  'disableDelete',
  'storagePrefix',
  'serialNumbers',
  'flags',
  'backendPools',
  'limitVolumeSize',
  'credentials',
  'userState',
] as const;

/** A reference to credentials that are kept elsewhere. */
interface CredentialsReference {
  readonly name: string;
  readonly type: 'secret' | 'awsarn';
}

export interface CommonConfig {
  readonly storageDriverName: string;
  /** Empty: the driver makes one up. */
  readonly backendName: string;
  /** Undefined: the default of the context. Empty: really none. */
  readonly storagePrefix: string | undefined;
  /** Bytes; undefined: no limit. */
  readonly limitVolumeSize: number | undefined;
  /** Never of type `secret` where this program runs outside Kubernetes: such a reference is refused. */
  readonly credentials: CredentialsReference | undefined;
  /** Undefined: the configuration leaves it as it is. */
  readonly userState: UserState | undefined;
  readonly debugTraceFlags: Readonly<Record<string, boolean>> | undefined;
}

/** Prefix of names on the array when the configuration gives none. */
export const defaultStoragePrefix = (context: DriverContext): string =>
  ({ csi: 'trident_', docker: 'netappdvp_', direct: '' })[context];

/**
 * The configuration with its keys spelt as in `known`. Like the JSON decoder of the stock core, a key counts whatever
 * its case; where two differ in case only, the one that is spelt right counts.
 */
export const withKnownSpelling = (config: JsonObject, known: readonly string[]): JsonObject => {
  const spelling = new Map(known.map((key) => [key.toLowerCase(), key]));
  const spelt: Record<string, JsonValue | undefined> = {};
  for (const [key, value] of Object.entries(config)) {
    const name = spelling.get(key.toLowerCase()) ?? key;
    if (name === key || !Object.hasOwn(config, name)) spelt[name] = value;
  }
  return spelt;
};

const invalid = (key: string, message: string, hint?: string): Problem =>
  new Problem('backend.config', 'invalid', `input failed validation: ${message}`, {
    path: [key],
    ...(hint === undefined ? {} : { hint }),
  });

const wrongType = (key: string, expected: string): Problem =>
  invalid(key, `could not parse JSON configuration: ${key} must be ${expected}`);

const readText = (config: JsonObject, key: string): string => {
  const value = config[key] ?? '';
  if (typeof value !== 'string') throw wrongType(key, 'a string');
  return value;
};

const checkVersion = (config: JsonObject): void => {
  const version = config['version'] ?? 0;
  if (typeof version !== 'number' || !Number.isSafeInteger(version)) throw wrongType('version', 'the number 1');
  if (version !== 1)
    throw invalid('version', `unexpected config file version; found ${version}, expected 1`, 'write version: 1');
};

const readPrefix = (config: JsonObject): string | undefined => {
  const prefix = config['storagePrefix'];
  if (prefix === undefined || prefix === null) return undefined;
  if (typeof prefix === 'string') return prefix;
  if (isJsonObject(prefix) && Object.keys(prefix).length === 0) return undefined;
  throw invalid('storagePrefix', 'storagePrefix must be a string', 'write storagePrefix: "" for names without prefix');
};

const readLimit = (config: JsonObject): number | undefined => {
  const limit = readText(config, 'limitVolumeSize');
  if (limit === '') return undefined;
  try {
    return parseSize(limit);
  } catch (cause) {
    throw new Problem(
      'backend.config',
      'invalid',
      `input failed validation: invalid value for limitVolumeSize: ${limit}`,
      { cause, path: ['limitVolumeSize'], hint: (Problem.is(cause) ? cause.hint : undefined) ?? messageOf(cause) },
    );
  }
};

const readCredentials = (config: JsonObject): CredentialsReference | undefined => {
  const given = config['credentials'];
  if (given === undefined || given === null) return undefined;
  if (!isJsonObject(given)) throw wrongType('credentials', 'a map with name and type');
  const foreign = Object.keys(given).filter((key) => key !== 'name' && key !== 'type');
  if (foreign.length > 0)
    throw invalid(
      'credentials',
      `credentials field contains invalid fields '[${foreign.join(' ')}]' attribute`,
      'credentials takes name and type',
    );
  const { name, type = 'secret' } = given;
  if (typeof name !== 'string') throw invalid('credentials', 'credentials field is missing `name` attribute');
  if (name === '') throw invalid('credentials', 'credentials `name` field cannot be empty');
  if (type !== 'secret' && type !== 'awsarn')
    throw invalid('credentials', `credentials field does not support type '${String(type)}'`, 'use secret or awsarn');
  return { name, type };
};

/** @throws Problem `backend.user-state`, worded as in stock. @param text any case; empty is no state */
export const parseUserState = (text: string): UserState => {
  const state = text.toLowerCase();
  if (state === 'normal' || state === 'suspended') return state;
  throw new Problem(
    'backend.user-state',
    'invalid',
    `invalid user backend state provided: ${text}, allowed are: \`normal\`, \`suspended\``,
    { path: ['userState'] },
  );
};

const readUserState = (config: JsonObject): UserState | undefined => {
  const text = readText(config, 'userState');
  return text === '' ? undefined : parseUserState(text);
};

const readTraceFlags = (config: JsonObject): Readonly<Record<string, boolean>> | undefined => {
  const given = config['debugTraceFlags'];
  if (given === undefined || given === null) return undefined;
  if (!isJsonObject(given)) throw wrongType('debugTraceFlags', 'a map of true and false');
  const flags: Record<string, boolean> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'boolean') throw wrongType(`debugTraceFlags.${name}`, 'true or false');
    flags[name] = value;
  }
  return flags;
};

/**
 * Reads the keys that every driver shares, in stock's order of complaints (storage_drivers/common.go). Other keys are
 * left to the driver. Outside Kubernetes there are no secrets to refer to, so `credentials` of that type are refused.
 * @throws Problem of kind `invalid` whose `path` is the key
 */
export const readCommonConfig = (given: JsonObject): CommonConfig => {
  const config = withKnownSpelling(given, commonKeys);
  const storageDriverName = readText(config, 'storageDriverName');
  if (storageDriverName === '') throw invalid('storageDriverName', 'missing storage driver name in configuration file');
  checkVersion(config);
  const storagePrefix = readPrefix(config);
  const limitVolumeSize = readLimit(config);
  const credentials = readCredentials(config);
  const userState = readUserState(config);
  if (credentials?.type === 'secret')
    throw new Problem('backend.credentials', 'invalid', 'backend credentials not found', {
      path: ['credentials'],
      hint: `there is no Kubernetes secret ${credentials.name} to read here: leave credentials out and write what it holds into the configuration, where it is kept sealed: username and password, or clientCertificate and clientPrivateKey, and the CHAP secrets with useCHAP`,
    });
  return {
    storageDriverName,
    backendName: readText(config, 'backendName'),
    storagePrefix,
    limitVolumeSize,
    credentials,
    userState,
    debugTraceFlags: readTraceFlags(config),
  };
};
