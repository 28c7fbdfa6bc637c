import type { OntapBackend } from '../backend.ts';
import type { LunPlaces } from './lun-places.ts';
import type { LunPoolSizes } from './lun-pool-sizes.ts';
import type { LunPools } from './lun-pools.ts';
import type { Luns } from './luns.ts';
import type { PooledLookup } from './pooled-lookup.ts';
import type { PooledLunRemoval } from './pooled-lun-removal.ts';

/** What works on LUNs in shared FlexVols. */
export interface PooledParts {
  readonly backend: OntapBackend;
  readonly luns: Luns;
  readonly pools: LunPools;
  readonly places: LunPlaces;
  readonly sizes: LunPoolSizes;
  readonly lookup: PooledLookup;
  readonly removal: PooledLunRemoval;
}
