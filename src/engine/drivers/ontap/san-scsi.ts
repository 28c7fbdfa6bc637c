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
import { parseUnitImport, planUnitImport } from './plans/asa-import-plan.ts';
import { planUnit, planUnitClone } from './plans/asa-plan.ts';
import { planSanClone } from './plans/san-clone-plan.ts';
import { parseLunImport, planSanImport } from './plans/san-import-plan.ts';
import { sanManifest } from './san-product.ts';
import type { SanProduct } from './san-product.ts';
import { planSanVolume } from './plans/san-plan.ts';

/** A LUN in a FlexVol of its own, over iSCSI or Fibre Channel. */
export const scsiProduct: SanProduct = {
  manifest: sanManifest,
  backendName: 'ontapsan',

  openDriver(backend, care) {
    const container = new LunContainer(backend, new SplitTimers(backend.settings, backend.environment));
    const access = new ScsiAccess(backend, container, transportOf(backend));
    return new ComposedDriver<LunFields, LunOnOntap>(sanManifest, container, access, {
      planVolume: (request, storageClass, pool) => planSanVolume(request, storageClass, pool, backend),
      planClone: (request, source, snapshot, pool) => planSanClone(request, source, snapshot, pool, backend),
      planImport: (request, originalName, candidate) => planSanImport(request, originalName, candidate, backend),
      facetOf: (plan) => parseLunImport(plan.details).lun,
      ...care,
    });
  },
};

/** A LUN that is a storage unit of ASA r2. */
export const asaScsiProduct: SanProduct = {
  manifest: { ...sanManifest, mirrors: false, resizeDelta: 0 },
  backendName: 'ontapasa',

  openDriver(backend, care) {
    const timers = new SplitTimers(backend.settings, backend.environment);
    const container = new UnitContainer(
      backend,
      timers,
      lunUnits(backend, (lun, signal) => releaseLun(backend, lun, signal)),
    );
    const access = new ScsiAccess(backend, container, transportOf(backend));
    return new ComposedDriver<LunFields, LunOnOntap>(asaScsiProduct.manifest, container, access, {
      planVolume: (request, storageClass, pool) => planUnit(request, storageClass, pool, backend),
      planClone: (request, source, snapshot, pool) => planUnitClone(request, source, snapshot, pool, backend),
      planImport: (request, originalName, candidate) => planUnitImport(request, originalName, candidate, backend),
      facetOf: (plan) => parseUnitImport(plan.details).lun,
      ...care,
    });
  },
};
