import { Problem } from '../../problem.ts';
import { parseFlag } from './config/rules.ts';
import type { OntapSettings, PoolSettings } from './config/settings.ts';
import type { Facts } from './facts.ts';
import { isAtLeast } from './facts.ts';

type System = Pick<Facts, 'version' | 'disaggregated' | 'sanOptimized'>;

const placesItself = ({ version }: System): boolean => isAtLeast(version, 9, 19, 1);
/** Systems without aggregates of their own that serve files; ASA r2 places its storage units anyhow. */
const isAfx = ({ disaggregated, sanOptimized }: System): boolean => disaggregated && !sanOptimized;

/** Whether the system chooses where the volumes of a pool go (ontap-drivers.md 2.3, `useBalancedPlacement`). */
export const isBalanced = ({ balancedPlacement }: PoolSettings, system: System): boolean =>
  placesItself(system) && (balancedPlacement === '' ? isAfx(system) : parseFlag(balancedPlacement) === true);

/** @throws Problem that names the key when a pool wants what this release or system cannot do */
export const checkPlacement = (settings: OntapSettings, system: System): void => {
  const pools = [
    { pool: settings.backend, path: [] },
    ...settings.virtualPools.map((pool, index) => ({ pool, path: ['storage', index] })),
  ];
  for (const { pool, path } of pools) {
    if (pool.balancedPlacement === '') continue;
    const wanted = parseFlag(pool.balancedPlacement) === true;
    const at = { path: [...path, 'useBalancedPlacement'], nothingDone: true };
    const { generation, major, minor } = system.version;
    if (wanted && !placesItself(system))
      throw new Problem(
        'config.invalid',
        'unsupported',
        `useBalancedPlacement needs ONTAP 9.19.1 or later, and the array has ${generation}.${major}.${minor}`,
        { ...at, hint: 'leave the key out; volumes are then spread over the aggregates of the SVM' },
      );
    if (!wanted && isAfx(system) && placesItself(system))
      throw new Problem('config.invalid', 'invalid', 'useBalancedPlacement cannot be switched off on this system', {
        ...at,
        hint: 'leave the key out',
      });
  }
};
