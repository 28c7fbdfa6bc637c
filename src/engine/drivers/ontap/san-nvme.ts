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
import { parseNamespaceImport, planNvmeImport } from './nvme-import-plan.ts';
import { planNvmeClone, planNvmeVolume } from './nvme-plan.ts';
import {
  parseNamespaceUnitImport,
  planNamespaceUnit,
  planNamespaceUnitClone,
  planNamespaceUnitImport,
} from './nvme-unit-plan.ts';
import type { SanProduct } from './san-kind.ts';
import { sanResizeTolerance } from './san-sizing.ts';

const manifest: DriverManifest = {
  name: 'ontap-san',
  snapshots: true,
  clones: true,
  readOnlyClones: false,
  restore: true,
  groupSnapshots: true,
  mirrors: true,
  chap: false,
  import: 'volume',
  rename: true,
  publish: true,
  enforcesAccess: true,
  volumeUpdate: false,
  resizeDelta: sanResizeTolerance,
};

/** A namespace in a FlexVol of its own. */
export const nvmeProduct: SanProduct = {
  manifest,
  backendName: 'ontapsan',

  openDriver(backend, care) {
    const { settings, facts, environment, backendName } = backend;
    const timers = new SplitTimers(settings, environment);
    const container = new NamespaceContainer(backend, timers);
    const access = new NvmeAccess(backend, container);
    return new ComposedDriver<NamespaceFields, NamespaceOnOntap>(manifest, container, access, {
      planVolume: (request, storageClass, pool) =>
        planNvmeVolume(request, storageClass, pool, settings, facts, backendName),
      planClone: (request, source, snapshot, pool) =>
        planNvmeClone(request, source, snapshot, pool, {
          settings,
          backendName,
          now: environment.now(),
          random: care.clientSettings.random,
        }),
      planImport: (request, originalName, candidate) =>
        planNvmeImport(request, originalName, candidate, settings, backendName),
      facetOf: (plan) => parseNamespaceImport(plan.details).namespace,
      checkHealth: (signal) => care.checkHealth(signal),
      close: () => care.close(),
    });
  },
};

/** A namespace that is a storage unit of ASA r2. */
export const asaNvmeProduct: SanProduct = {
  manifest: { ...manifest, mirrors: false, resizeDelta: 0 },
  backendName: 'ontapasanvme',

  openDriver(backend, care) {
    const { settings, environment, backendName } = backend;
    const timers = new SplitTimers(settings, environment);
    const units = namespaceUnits(backend, (namespace, signal) => releaseNamespace(backend, namespace, signal));
    const container = new UnitContainer(backend, timers, units);
    const access = new NvmeAccess(backend, container);
    return new ComposedDriver<NamespaceFields, NamespaceOnOntap>(asaNvmeProduct.manifest, container, access, {
      planVolume: (request, storageClass, pool) =>
        planNamespaceUnit(request, storageClass, pool, settings, backendName),
      planClone: (request, source, snapshot, pool) =>
        planNamespaceUnitClone(request, source, snapshot, pool, {
          settings,
          backendName,
          now: environment.now(),
          random: care.clientSettings.random,
        }),
      planImport: (request, originalName, candidate) =>
        planNamespaceUnitImport(request, originalName, candidate, settings, backendName),
      facetOf: (plan) => parseNamespaceUnitImport(plan.details).namespace,
      checkHealth: (signal) => care.checkHealth(signal),
      close: () => care.close(),
    });
  },
};
