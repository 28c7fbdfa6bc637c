import type { DriverKind, DriverManifest } from '../driver.ts';
import type { VolumePlan } from '../objects.ts';
import type { OntapBackend } from './backend.ts';
import { defaultClientSettings } from './client/settings.ts';
import { planClone } from './plans/clone-plan.ts';
import { FlexVolContainer } from './containers/flexvol.ts';
import { nasFieldsOf } from './containers/nas-fields.ts';
import { SplitTimers } from './containers/split-timers.ts';
import type { VolumeStyle } from './containers/volumes.ts';
import { parseImportDetails, planImport } from './plans/import-plan.ts';
import type { NasParts } from './nas-kind.ts';
import { nasKind } from './nas-kind.ts';
import { planVolume } from './plans/plan.ts';

const manifest: DriverManifest = {
  name: 'ontap-nas',
  snapshots: true,
  clones: true,
  readOnlyClones: true,
  restore: true,
  restoreTakesOthers: true,
  groupSnapshots: true,
  mirrors: true,
  chap: false,
  import: 'volume',
  rename: true,
  publish: true,
  enforcesAccess: true,
  volumeUpdate: true,
  resizeDelta: 0,
};

/** Volumes with an object of their own on the array, of one style. */
const wholeVolumes = (
  backend: OntapBackend,
  style: VolumeStyle,
  renames: boolean,
  place: (plan: VolumePlan) => VolumePlan,
): NasParts => {
  return {
    container: new FlexVolContainer(backend, new SplitTimers(backend.settings, backend.environment), style),
    plans: {
      planVolume: (request, storageClass, pool) => place(planVolume(request, storageClass, pool, backend)),
      planClone: (request, source, snapshot, pool) => planClone(request, source, snapshot, pool, backend),
      planImport: (request, originalName, candidate) => planImport(request, originalName, candidate, backend, renames),
      facetOf: (plan) => nasFieldsOf(parseImportDetails(plan.details).found),
    },
  };
};

/** A FlexVol for each volume. */
export const ontapNasWith = nasKind({
  manifest,
  backendName: 'ontapnas',
  openParts: (backend) => wholeVolumes(backend, 'flexvol', true, (plan) => plan),
});
export const ontapNas: DriverKind = ontapNasWith(defaultClientSettings);

/** A FlexGroup for each volume, over the aggregates of `flexgroupAggregateList` or those that ONTAP chooses. */
export const ontapNasFlexgroupWith = nasKind({
  manifest: {
    ...manifest,
    name: 'ontap-nas-flexgroup',
    readOnlyClones: false,
    mirrors: false,
    rename: false,
  },
  backendName: 'ontapnasfg',
  openParts: (backend) =>
    wholeVolumes(backend, 'flexgroup', false, (plan) => ({
      ...plan,
      placement: [backend.settings.flexgroupAggregates.join(',')],
    })),
});
export const ontapNasFlexgroup: DriverKind = ontapNasFlexgroupWith(defaultClientSettings);
