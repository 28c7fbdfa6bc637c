import { Problem } from '../../problem.ts';
import type { DriverKind, DriverManifest } from '../driver.ts';
import { releaseLun } from './accesses/map-release.ts';
import { ScsiAccess } from './accesses/scsi.ts';
import { transportOf } from './accesses/scsi-transport.ts';
import { defaultClientSettings } from './client/settings.ts';
import { ComposedDriver } from './compose.ts';
import type { LunFields } from './containers/lun-fields.ts';
import type { LunOnOntap } from './containers/lun-record.ts';
import { PooledLunContainer } from './containers/pooled-lun.ts';
import { parsePooledImport, planPooledImport } from './plans/pooled-lun-import-plan.ts';
import { planPooledClone, planPooledLun } from './plans/pooled-lun-plan.ts';
import { sanKind } from './san-kind.ts';
import { isAsaR2, sanManifest } from './san-product.ts';
import type { SanProduct } from './san-product.ts';

const manifest: DriverManifest = {
  ...sanManifest,
  name: 'ontap-san-economy',
  mirrors: false,
  import: 'lun',
  rename: false,
};

/** A LUN in a shared FlexVol for each volume, over iSCSI or Fibre Channel. */
const product: SanProduct = {
  manifest,
  backendName: 'ontapsaneco',

  openDriver(backend, care) {
    const container = new PooledLunContainer(backend, (lun, signal) => releaseLun(backend, lun, signal));
    const access = new ScsiAccess(backend, container, transportOf(backend));
    return new ComposedDriver<LunFields, LunOnOntap>(manifest, container, access, {
      planVolume: (request, storageClass, pool) => planPooledLun(request, storageClass, pool, backend),
      planClone: (request, source, snapshot, pool) => planPooledClone(request, source, snapshot, pool, backend),
      planImport: (request, originalName, candidate) => planPooledImport(request, originalName, candidate, backend),
      facetOf: (plan) => parsePooledImport(plan.details).lun,
      ...care,
      async close() {
        await container.close();
        await care.close();
      },
    });
  },
};

export const ontapSanEconomyWith = sanKind({
  name: 'ontap-san-economy',
  mirrors: false,
  productFor(_settings, facts) {
    if (!isAsaR2(facts)) return product;
    throw new Problem('backend.platform', 'unsupported', 'this system is an ASA r2, which has no FlexVols to share', {
      hint: 'use storageDriverName ontap-san',
    });
  },
});
export const ontapSanEconomy: DriverKind = ontapSanEconomyWith(defaultClientSettings);
