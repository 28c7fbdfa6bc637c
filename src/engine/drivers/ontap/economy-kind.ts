import type { DriverKind, DriverManifest } from '../driver.ts';
import { PoolExports } from './accesses/pool-exports.ts';
import { defaultClientSettings } from './client/settings.ts';
import { QtreeContainer } from './containers/qtree.ts';
import { qtreeFieldsOf } from './containers/qtrees.ts';
import { SplitTimers } from './containers/split-timers.ts';
import { nasKind } from './nas-kind.ts';
import { parseQtreeImport, planQtreeImport } from './plans/qtree-import-plan.ts';
import { planQtree, planQtreeClone } from './plans/qtree-plan.ts';

const manifest: DriverManifest = {
  name: 'ontap-nas-economy',
  snapshots: true,
  clones: false,
  readOnlyClones: true,
  restore: false,
  restoreTakesOthers: false,
  groupSnapshots: false,
  mirrors: false,
  chap: false,
  import: 'qtree',
  rename: false,
  publish: true,
  enforcesAccess: true,
  volumeUpdate: true,
  resizeDelta: 0,
};

/** A qtree in a shared FlexVol for each volume. */
export const ontapNasEconomyWith = nasKind({
  manifest,
  backendName: 'ontapnaseco',
  openParts: (backend) => {
    const { settings, environment } = backend;
    const timers = new SplitTimers(settings, environment);
    const passage: PoolExports = new PoolExports(backend, {
      flexVolOf: (volume, signal) => container.flexVolOf(volume, signal),
      async list(signal) {
        await container.shared.refresh(signal);
        return container.shared.known;
      },
    });
    const container: QtreeContainer = new QtreeContainer(backend, timers, passage);
    return {
      container,
      passage,
      close: () => container.close(),
      plans: {
        planVolume: (request, storageClass, pool) => planQtree(request, storageClass, pool, backend),
        planClone: (request, source, snapshot, pool) => planQtreeClone(request, source, snapshot, pool, backend),
        planImport: (request, originalName, candidate) => planQtreeImport(request, originalName, candidate, backend),
        facetOf: (plan) => qtreeFieldsOf(parseQtreeImport(plan.details).qtree),
      },
    };
  },
});
export const ontapNasEconomy: DriverKind = ontapNasEconomyWith(defaultClientSettings);
