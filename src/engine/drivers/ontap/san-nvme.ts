import type { DriverManifest } from '../driver.ts';
import { releaseNamespace } from './accesses/namespace-release.ts';
import { NvmeAccess } from './accesses/nvme.ts';
import { ComposedDriver } from './compose.ts';
import type { NamespaceFields } from './containers/namespace-devices.ts';
import { NamespaceContainer } from './containers/namespace-flexvol.ts';
import type { NamespaceOnOntap } from './containers/namespace-record.ts';
import { namespaceUnits } from './containers/namespace-units.ts';
import { SplitTimers } from './containers/split-timers.ts';
import { UnitContainer } from './containers/unit-container.ts';
import { parseNamespaceImport, planNvmeImport } from './plans/nvme-import-plan.ts';
import { planNvmeClone, planNvmeVolume } from './plans/nvme-plan.ts';
import {
  parseNamespaceUnitImport,
  planNamespaceUnit,
  planNamespaceUnitClone,
  planNamespaceUnitImport,
} from './plans/nvme-unit-plan.ts';
import { sanManifest } from './san-product.ts';
import type { SanProduct } from './san-product.ts';

const manifest: DriverManifest = { ...sanManifest, chap: false };

/** A namespace in a FlexVol of its own. */
export const nvmeProduct: SanProduct = {
  manifest,
  backendName: 'ontapsan',

  openDriver(backend, care) {
    const timers = new SplitTimers(backend.settings, backend.environment);
    const container = new NamespaceContainer(backend, timers);
    const access = new NvmeAccess(backend, container);
    return new ComposedDriver<NamespaceFields, NamespaceOnOntap>(manifest, container, access, {
      planVolume: (request, storageClass, pool) => planNvmeVolume(request, storageClass, pool, backend),
      planClone: (request, source, snapshot, pool) => planNvmeClone(request, source, snapshot, pool, backend),
      planImport: (request, originalName, candidate) => planNvmeImport(request, originalName, candidate, backend),
      facetOf: (plan) => parseNamespaceImport(plan.details).namespace,
      ...care,
    });
  },
};

/** A namespace that is a storage unit of ASA r2. */
export const asaNvmeProduct: SanProduct = {
  manifest: { ...manifest, mirrors: false, resizeDelta: 0 },
  backendName: 'ontapasanvme',

  openDriver(backend, care) {
    const timers = new SplitTimers(backend.settings, backend.environment);
    const units = namespaceUnits(backend, (namespace, signal) => releaseNamespace(backend, namespace, signal));
    const container = new UnitContainer(backend, timers, units);
    const access = new NvmeAccess(backend, container);
    return new ComposedDriver<NamespaceFields, NamespaceOnOntap>(asaNvmeProduct.manifest, container, access, {
      planVolume: (request, storageClass, pool) => planNamespaceUnit(request, storageClass, pool, backend),
      planClone: (request, source, snapshot, pool) => planNamespaceUnitClone(request, source, snapshot, pool, backend),
      planImport: (request, originalName, candidate) =>
        planNamespaceUnitImport(request, originalName, candidate, backend),
      facetOf: (plan) => parseNamespaceUnitImport(plan.details).namespace,
      ...care,
    });
  },
};
