import { parseFlag } from './rules.ts';
import { refuse } from './refusals.ts';
import type { Path } from './refusals.ts';
import { placesOfPools } from './schema.ts';
import type { PoolDefaults } from './schema.ts';
import type { OntapSettings, PoolOptions, PoolSettings } from './settings.ts';

/** What ASA r2 decides by itself. */
const unsettable = [
  'snapshotReserve',
  'snapshotDir',
  'unixPermissions',
  'exportPolicy',
  'securityStyle',
  'tieringPolicy',
] as const;
/** What may be given, with its only value. */
const only = { spaceReserve: 'none', snapshotPolicy: 'none' } as const;

const checkDefaults = (given: PoolDefaults | null | undefined, path: Path): void => {
  const at = (key: string): Path => [...path, 'defaults', key];
  for (const key of unsettable)
    if ((given?.[key] ?? '') !== '') refuse(at(key), 'cannot be set on ASA r2', 'leave the key out');
  for (const key of ['spaceReserve', 'snapshotPolicy'] as const) {
    const value = given?.[key] ?? '';
    if (value !== '' && value !== only[key])
      refuse(at(key), `${JSON.stringify(value)}: only "${only[key]}" is possible on ASA r2`);
  }
  if (parseFlag(given?.spaceAllocation ?? '') === false)
    refuse(at('spaceAllocation'), '"false" is not possible on ASA r2');
  if (parseFlag(given?.encryption ?? '') === false)
    refuse(at('encryption'), '"false" is not possible on ASA r2, which always encrypts');
  if (parseFlag(given?.LUKSEncryption ?? '') === true) refuse(at('LUKSEncryption'), '"true" is not possible on ASA r2');
};

/**
 * Rules of ASA r2, which can be checked only when the array has told what it is (ontap-drivers.md 2.3).
 * @throws Problem `config.invalid`
 */
export const checkAsa = ({ given }: OntapSettings): void => {
  for (const { pool, path } of placesOfPools(given)) checkDefaults(pool.defaults, path);
  if ((given.nasType ?? '') !== '') refuse(['nasType'], 'cannot be set on ASA r2', 'leave the key out');
  if ((given.autoExportCIDRs ?? []).length > 0)
    refuse(['autoExportCIDRs'], 'cannot be set on ASA r2', 'leave the key out');
};

const optionsOf = (options: PoolOptions): PoolOptions => ({
  ...options,
  snapshotReserve: '',
  snapshotDir: '',
  unixPermissions: '',
  exportPolicy: '',
  securityStyle: '',
  encryption: 'true',
});

const poolOf = (pool: PoolSettings): PoolSettings => ({ ...pool, options: optionsOf(pool.options) });

/** The settings with the defaults of ASA r2 in place of those of other systems. */
export const asaSettings = (settings: OntapSettings): OntapSettings => ({
  ...settings,
  backend: poolOf(settings.backend),
  virtualPools: settings.virtualPools.map(poolOf),
});
