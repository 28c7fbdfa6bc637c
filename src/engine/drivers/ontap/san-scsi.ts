import type { DriverManifest } from '../driver.ts';
import { releaseLun } from './accesses/map-release.ts';
import { ScsiAccess } from './accesses/scsi.ts';
import { transportOf } from './accesses/scsi-transport.ts';
import { ComposedDriver } from './compose.ts';
import type { LunFields } from './containers/lun-fields.ts';
import { LunContainer } from './containers/lun-flexvol.ts';
import { lunUnits } from './containers/lun-units.ts';
import type { LunOnOntap } from './containers/lun-record.ts';
import { SplitTimers } from './containers/split-timers.ts';
import { UnitContainer } from './containers/unit-container.ts';
import { parseUnitImport, planUnitImport } from './asa-import-plan.ts';
import { planUnit, planUnitClone } from './asa-plan.ts';
import { planSanClone } from './san-clone-plan.ts';
import { parseLunImport, planSanImport } from './san-import-plan.ts';
import type { SanProduct } from './san-kind.ts';
import { planSanVolume } from './san-plan.ts';
import { sanResizeTolerance } from './san-sizing.ts';

const manifest: DriverManifest = {
  name: 'ontap-san',
  snapshots: true,
  clones: true,
  readOnlyClones: false,
  restore: true,
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

/** A LUN in a FlexVol of its own, over iSCSI or Fibre Channel. */
export const scsiProduct: SanProduct = {
  manifest,
  backendName: 'ontapsan',

  openDriver(backend, care) {
    const { settings, facts, environment, backendName } = backend;
    const container = new LunContainer(backend, new SplitTimers(settings, environment));
    const access = new ScsiAccess(backend, container, transportOf(backend));
    return new ComposedDriver<LunFields, LunOnOntap>(manifest, container, access, {
      planVolume: (request, storageClass, pool) =>
        planSanVolume(request, storageClass, pool, settings, facts, backendName),
      planClone: (request, source, snapshot, pool) =>
        planSanClone(request, source, snapshot, pool, {
          settings,
          backendName,
          now: environment.now(),
          random: care.clientSettings.random,
        }),
      planImport: (request, originalName, candidate) =>
        planSanImport(request, originalName, candidate, settings, backendName),
      facetOf: (plan) => parseLunImport(plan.details).lun,
      checkHealth: (signal) => care.checkHealth(signal),
      close: () => care.close(),
    });
  },
};

/** A LUN that is a storage unit of ASA r2. */
export const asaScsiProduct: SanProduct = {
  manifest: { ...manifest, mirrors: false, resizeDelta: 0 },
  backendName: 'ontapasa',

  openDriver(backend, care) {
    const { settings, environment, backendName } = backend;
    const timers = new SplitTimers(settings, environment);
    const container = new UnitContainer(
      backend,
      timers,
      lunUnits(backend, (lun, signal) => releaseLun(backend, lun, signal)),
    );
    const access = new ScsiAccess(backend, container, transportOf(backend));
    return new ComposedDriver<LunFields, LunOnOntap>(asaScsiProduct.manifest, container, access, {
      planVolume: (request, storageClass, pool) => planUnit(request, storageClass, pool, settings, backendName),
      planClone: (request, source, snapshot, pool) =>
        planUnitClone(request, source, snapshot, pool, {
          settings,
          backendName,
          now: environment.now(),
          random: care.clientSettings.random,
        }),
      planImport: (request, originalName, candidate) =>
        planUnitImport(request, originalName, candidate, settings, backendName),
      facetOf: (plan) => parseUnitImport(plan.details).lun,
      checkHealth: (signal) => care.checkHealth(signal),
      close: () => care.close(),
    });
  },
};
