import type { Driver, DriverManifest } from '../driver.ts';
import type { OntapBackend } from './backend.ts';
import type { Planning } from './compose.ts';
import type { Facts } from './facts.ts';
import { sanResizeTolerance } from './san-sizing.ts';

/** What a driver of any product does for the backend as a whole. */
export type SanCare = Pick<Planning<unknown>, 'checkHealth' | 'close'>;

/** A driver for blocks on one personality over one kind of protocol: where its volumes live and how they are planned. */
export interface SanProduct {
  readonly manifest: DriverManifest;
  /** Begins the default name of a backend: `ontapsan` (ontap-drivers.md 4.7). */
  readonly backendName: string;
  openDriver(backend: OntapBackend, care: SanCare): Driver;
}

/** What a driver for LUNs in FlexVols of their own can do; the other drivers for blocks say what they differ in. */
export const sanManifest: DriverManifest = {
  name: 'ontap-san',
  snapshots: true,
  clones: true,
  readOnlyClones: false,
  restore: true,
  restoreTakesOthers: true,
  groupSnapshots: true,
  mirrors: true,
  chap: true,
  import: 'volume',
  rename: true,
  publish: true,
  enforcesAccess: true,
  volumeUpdate: false,
  resizeDelta: sanResizeTolerance,
};

/** What an array says that it is. */
export type Personality = Pick<Facts, 'disaggregated' | 'sanOptimized'>;

/** True on ASA r2, where a LUN or namespace is a unit of its own and no volume is to be seen. */
export const isAsaR2 = (facts: Personality): boolean => facts.disaggregated && facts.sanOptimized;
