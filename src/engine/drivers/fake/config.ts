import * as v from 'valibot';
import type { JsonObject } from '../../json.ts';
import { Problem, messageOf } from '../../problem.ts';
import { parseSize } from '../../sizes.ts';
import { validate } from '../../validation.ts';
import { commonKeys, defaultStoragePrefix, readCommonConfig, withKnownSpelling } from '../common-config.ts';
import type { DriverContext } from '../driver.ts';

/** The configuration of the fake driver (orchestrator.md 24). `null` is as good as nothing, as in stock's own output. */

const text = v.nullish(v.string(), '');
const labels = v.nullish(v.record(v.string(), v.string()), {});
const topologies = v.nullish(v.array(v.record(v.string(), v.string())), []);
const defaults = v.nullish(v.strictObject({ size: text, nameTemplate: text }), { size: '', nameTemplate: '' });
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const offer = v.union([
  v.strictObject({ min: v.pipe(v.number(), v.safeInteger()), max: v.pipe(v.number(), v.safeInteger()) }),
  v.strictObject({ offer: v.union([v.boolean(), v.array(v.string()), v.record(v.string(), v.string())]) }),
]);
export type GivenOffer = v.InferOutput<typeof offer>;

const poolFields = { labels, region: text, zone: text, supportedTopologies: topologies, defaults };

const own = {
  protocol: v.nullish(v.picklist(['', 'file', 'block']), ''),
  pools: v.nullish(
    v.record(v.string(), v.strictObject({ attributes: v.nullish(v.record(v.string(), offer), {}), sizeBytes: bytes })),
    {},
  ),
  volumes: v.nullish(
    v.array(v.strictObject({ name: v.pipe(v.string(), v.minLength(1)), requestedPool: v.string(), size: bytes })),
    [],
  ),
  instanceName: text,
  storage: v.nullish(v.array(v.strictObject(poolFields)), []),
  username: text,
  password: text,
  volumeAccess: v.pipe(
    text,
    v.transform((address) => (address === '' ? '192.0.2.1' : address)),
  ),
  ...poolFields,
};
const schema = v.strictObject({
  ...Object.fromEntries(commonKeys.map((key) => [key, v.optional(v.unknown())])),
  ...own,
});
const ownSchema = v.object(own);
const knownKeys = [...commonKeys, ...Object.keys(own)];

type GivenFakeConfig = v.InferOutput<typeof ownSchema>;

export interface FakeConfig {
  readonly given: GivenFakeConfig;
  readonly backendName: string;
  /** With the default of the context; as given where that tells "none" from "not said". */
  readonly storagePrefix: string;
  readonly limitVolumeSize: number | undefined;
  /** Where a pool names no default size. */
  readonly defaultSize: string;
}

export const smallestVolumeBytes = 1024 ** 2;

const readDefaultSize = (size: string, where: string, path: readonly (string | number)[]): void => {
  try {
    parseSize(size);
  } catch (cause) {
    throw new Problem(
      'backend.config',
      'invalid',
      `error validating fake driver. invalid value for default volume size in ${where}: ${messageOf(cause)}`,
      { cause, path },
    );
  }
};

const refuseTemplate = (template: string, path: readonly (string | number)[]): void => {
  if (template === '') return;
  throw new Problem('backend.config', 'unsupported', 'the fake driver makes no names from templates', {
    path,
    hint: 'leave nameTemplate out',
  });
};

/**
 * Reads and checks a configuration; nothing outside it is looked at.
 * @throws Problem of kind `invalid` whose `path` is the key
 */
export const readFakeConfig = (config: JsonObject, context: DriverContext): FakeConfig => {
  const { backendName, storagePrefix, limitVolumeSize } = readCommonConfig(config);
  const spelt = withKnownSpelling(config, knownKeys);
  validate(schema, spelt, { code: 'backend.config', what: 'fake backend configuration', knownKeys });
  const given = validate(ownSchema, spelt, { code: 'backend.config', what: 'fake backend configuration' });
  const defaultSize = given.defaults.size === '' ? '1G' : given.defaults.size;
  readDefaultSize(defaultSize, `pool ${Object.keys(given.pools).toSorted()[0] ?? 'pool-0'}`, ['defaults', 'size']);
  refuseTemplate(given.defaults.nameTemplate, ['defaults', 'nameTemplate']);
  for (const [index, pool] of given.storage.entries()) {
    if (pool.defaults.size !== '')
      readDefaultSize(pool.defaults.size, `storage pool ${index}`, ['storage', index, 'defaults', 'size']);
    refuseTemplate(pool.defaults.nameTemplate, ['storage', index, 'defaults', 'nameTemplate']);
  }
  return {
    given,
    backendName,
    storagePrefix: storagePrefix ?? defaultStoragePrefix(context),
    limitVolumeSize,
    defaultSize,
  };
};

/**
 * Name on the array: `<prefix>-<name>` without doubled separators, or the name alone (FK-11, storage_drivers/common.go).
 */
export const internalNameOf = (prefix: string, name: string): string =>
  (prefix === '' ? name : `${prefix}-${name}`).replaceAll('--', '-').replaceAll('__', '_').replaceAll('_-', '-');
