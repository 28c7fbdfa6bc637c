import { offersSatisfy } from './attributes.ts';
import type { BackendRecord, PoolRecord, StorageClassRecord } from './model.ts';
import { backendMatches, poolMatches } from './patterns.ts';

type PoolPatterns = Readonly<Record<string, readonly string[]>>;

const listed = (patterns: PoolPatterns, backend: string, pool: string): boolean =>
  Object.entries(patterns).some(
    ([backendPattern, pools]) =>
      backendMatches(backendPattern, backend) && pools.some((pattern) => poolMatches(pattern, pool)),
  );

/** Whether a pool belongs to a storage class, in the order of evaluation of SC-13. */
export const poolSatisfies = (storageClass: StorageClassRecord, backend: string, pool: PoolRecord): boolean => {
  const { attributes, storagePools, additionalStoragePools, excludeStoragePools } = storageClass;
  if (listed(excludeStoragePools, backend, pool.name)) return false;
  if (listed(additionalStoragePools, backend, pool.name)) return true;
  const hasAttributes = Object.keys(attributes).length > 0;
  const hasPools = Object.keys(storagePools).length > 0;
  if (Object.keys(additionalStoragePools).length > 0 && !hasAttributes && !hasPools) return false;
  if (!offersSatisfy(attributes, pool.offers)) return false;
  return !hasPools || listed(storagePools, backend, pool.name);
};

/** The pools of a backend that satisfy a class; a backend that is not online contributes none (SC-14). */
export const poolsOfClass = (storageClass: StorageClassRecord, backend: BackendRecord): readonly PoolRecord[] =>
  backend.state === 'online' ? backend.pools.filter((pool) => poolSatisfies(storageClass, backend.name, pool)) : [];
