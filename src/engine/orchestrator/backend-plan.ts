import { isDeepStrictEqual } from 'node:util';
import type { Driver } from '../drivers/driver.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { messageOf } from '../problem.ts';
import { redacted } from '../redacted.ts';
import { findAccessChanges } from './access.ts';
import type { Core } from './core.ts';
import type { BackendRecord, PoolRecord, VolumeRecord } from './model.ts';
import { handleOf } from './records.ts';

/** What adding or updating a backend would do, in words an operator knows. Reads the array, and changes nothing. */

/** Keys of what volumes get when they are made: those that are there keep theirs. */
const forNewVolumes = new Set(['defaults', 'labels', 'region', 'storage', 'supportedTopologies', 'zone']);

/** Shown for other programs; people are told of the pools themselves. */
const unreadable = new Set(['backendPools']);

const shown = (value: JsonValue | undefined): string => JSON.stringify(value ?? '');

/** A line for each setting that differs; lists are told whole. */
const settingChanges = (before: JsonObject, after: JsonObject, above: readonly string[]): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted().flatMap((key) => {
    const [old, next] = [before[key], after[key]];
    const path = [...above, key];
    if (unreadable.has(path[0] ?? '') || isDeepStrictEqual(old ?? '', next ?? '')) return [];
    if (isJsonObject(old) && isJsonObject(next)) return settingChanges(old, next, path);
    const whom = forNewVolumes.has(path[0] ?? '') ? ', for volumes made from then on' : '';
    return [`change ${path.join('.')} from ${shown(old)} to ${shown(next)}${whom}`];
  });

/** What is not shown is told without its values. */
const secretChanges = (before: BackendRecord, after: BackendRecord): readonly string[] =>
  Object.keys({ ...before.config, ...after.config })
    .toSorted()
    .filter((key) => after.shownConfig[key] === redacted && !isDeepStrictEqual(before.config[key], after.config[key]))
    .map((key) => `replace ${key}`);

const listed = (names: readonly string[]): string =>
  names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;

const poolsOf = (pools: readonly PoolRecord[]): string =>
  pools.length === 0 ? 'no pools' : `pools ${listed(pools.map(({ name }) => name))}`;

const poolChanges = (before: BackendRecord, after: BackendRecord, volumes: readonly VolumeRecord[]) => {
  const [old, next] = [before, after].map(({ pools }) => new Map(pools.map((pool) => [pool.key, pool])));
  const inside = (key: string) => volumes.filter(({ poolKey }) => poolKey === key).map(({ config }) => config.name);
  return [
    ...after.pools.filter(({ key }) => old?.has(key) === false).map(({ name }) => `add pool ${name}`),
    ...before.pools.flatMap(({ key, name }) => {
      const now = next?.get(key);
      const names = inside(key);
      if (now === undefined)
        return [
          `drop pool ${name}${names.length === 0 ? '' : `, which holds ${names.length} volumes: ${listed(names)}`}`,
        ];
      return now.name === name ? [] : [`call pool ${name} ${now.name}`];
    }),
  ];
};

/** Volumes that the array says it does not have, or has again, when it is asked as the new configuration says. */
const orphanChanges = async (
  driver: Driver,
  volumes: readonly VolumeRecord[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const looks = volumes
    .filter(({ state }) => state !== 'subordinate')
    .map(async (volume): Promise<readonly string[]> => {
      const { name } = volume.config;
      try {
        const exists = await driver.volumeExists(handleOf(volume), signal);
        if (volume.orphaned !== exists) return [];
        return [exists ? `mark volume ${name} as there again` : `mark volume ${name} as orphaned: it is not there`];
      } catch (error) {
        signal.throwIfAborted();
        return [`leave volume ${name} as it is, since the array does not say whether it is there: ${messageOf(error)}`];
      }
    });
  return (await Promise.all(looks)).flat();
};

/** A driver of its own, so that whoever works with the backend meanwhile is not disturbed. */
const openTrial = async (core: Core, record: BackendRecord): Promise<Driver> => {
  const kind = await core.drivers.kind(record.driver);
  return kind.open(record.config, record, core.drivers.environment(record.uuid));
};

export const stepsOfAdd = (record: BackendRecord, pending: readonly string[]): readonly string[] => [
  ...pending,
  `add backend ${record.name} of driver ${record.driver} with ${poolsOf(record.pools)}`,
];

/** @param after the record as the update would write it */
export const stepsOfUpdate = async (
  core: Core,
  before: BackendRecord,
  after: BackendRecord,
  pending: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const volumes = (await core.store.list('volume', { index: 'backend', value: before.uuid })).map(({ value }) => value);
  await using driver = await openTrial(core, after);
  const steps = [
    ...pending,
    ...settingChanges(before.shownConfig, after.shownConfig, []),
    ...secretChanges(before, after),
    ...poolChanges(before, after, volumes),
    ...(await orphanChanges(driver, volumes, signal)),
    ...(await findAccessChanges(core, after, driver, signal)).flatMap(({ kind, text }) =>
      kind === 'leftAlone' ? [] : [text],
    ),
  ];
  return steps.length === 0 ? [`write the configuration of backend ${after.name}, which is as it was`] : steps;
};
