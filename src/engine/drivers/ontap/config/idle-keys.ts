import { formatPath } from '../../../validation.ts';
import type { Path } from './refusals.ts';
import { parseFlag } from './rules.ts';
import { placesOfPools } from './schema.ts';
import type { GivenPool, OntapConfig } from './schema.ts';

const nas = ['ontap-nas', 'ontap-nas-flexgroup', 'ontap-nas-economy'];
const san = ['ontap-san', 'ontap-san-economy'];
const placed = ['ontap-nas', 'ontap-nas-economy', ...san];
const mirrored = ['ontap-nas', 'ontap-san'];

/** Drivers for which a key has an effect, where those are not all (ontap-drivers.md 2.2, 2.3). */
const drivers: Partial<Record<keyof OntapConfig, readonly string[]>> = {
  debug: [],
  disableDelete: [],
  dataLIF: nas,
  aggregate: placed,
  flexgroupAggregateList: ['ontap-nas-flexgroup'],
  limitAggregateUsage: placed,
  limitVolumePoolSize: ['ontap-nas-economy', 'ontap-san-economy'],
  denyNewVolumePools: ['ontap-nas-economy', 'ontap-san-economy'],
  qtreesPerFlexvol: ['ontap-nas-economy'],
  lunsPerFlexvol: ['ontap-san-economy'],
  qtreePruneFlexvolsPeriod: [],
  qtreeQuotaResizePeriod: [],
  emptyFlexvolDeferredDeletePeriod: [],
  cloneSplitDelay: [...nas, 'ontap-san'],
  nfsMountOptions: nas,
  autoExportCIDRs: nas,
  nasType: nas,
  smbShare: nas,
  sanType: san,
  useCHAP: san,
  chapUsername: san,
  chapInitiatorSecret: san,
  chapTargetUsername: san,
  chapTargetInitiatorSecret: san,
  replicationPolicy: mirrored,
  replicationSchedule: mirrored,
};
const effective = new Map(Object.entries(drivers));

const isGiven = (value: unknown): boolean =>
  !(value === undefined || value === null || value === '' || value === false) &&
  !(Array.isArray(value) && value.length === 0);

/** Texts that switch something on. */
const isOn = (value: string | undefined): boolean => parseFlag(value ?? '') === true;

/** What the options of one pool say in vain. */
const idleOptions = ({ defaults }: Pick<GivenPool, 'defaults'>, path: Path, isAsa: boolean): readonly string[] => [
  ...(isOn(defaults?.mirroring)
    ? [`${formatPath([...path, 'defaults', 'mirroring'])} has no effect: mirrors are established volume by volume`]
    : []),
  ...(isAsa && isOn(defaults?.skipRecoveryQueue)
    ? [`${formatPath([...path, 'defaults', 'skipRecoveryQueue'])} has no effect on ASA r2`]
    : []),
];

/**
 * What a configuration says in vain: keys that stock accepts too and that do nothing here, one sentence each.
 * @param isDocker nodes are not known
 */
export const idleKeys = (given: OntapConfig, isDocker: boolean, isAsa: boolean): readonly string[] => {
  const { storageDriverName: driver, igroupName } = given;
  return [
    ...Object.entries(given).flatMap(([key, value]) =>
      isGiven(value) && effective.get(key)?.includes(driver) === false ? [`${key} has no effect with ${driver}`] : [],
    ),
    ...(isGiven(igroupName) && !(isDocker && san.includes(driver))
      ? ['igroupName has no effect: each node has an igroup of its own']
      : []),
    ...placesOfPools(given).flatMap(({ pool, path }) => [
      ...(path.length > 0 && isGiven(pool.smbShare)
        ? [`${formatPath([...path, 'smbShare'])} has no effect: all pools use smbShare of the backend`]
        : []),
      ...idleOptions(pool, path, isAsa),
    ]),
  ];
};
