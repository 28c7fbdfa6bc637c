import type { DriverManifest } from '../driver.ts';
import { ScsiAccess } from './accesses/scsi.ts';
import { fcpTransport, iscsiTransport } from './accesses/scsi-transport.ts';
import { ComposedDriver } from './compose.ts';
import type { LunFields } from './containers/lun-fields.ts';
import { LunContainer } from './containers/lun-flexvol.ts';
import type { LunOnOntap } from './containers/lun-record.ts';
import { SplitTimers } from './containers/split-timers.ts';
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
  groupSnapshots: false,
  mirrors: false,
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
    const container = new LunContainer(backend, new SplitTimers(settings.cloneSplitDelaySeconds, environment.now));
    const transport = settings.sanType === 'fcp' ? fcpTransport(backend) : iscsiTransport(backend);
    const access = new ScsiAccess(backend, container, transport);
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
