import type { Store } from '../store/store.ts';
import { createAccessLooks } from './access-looks.ts';
import { repairAccess } from './access.ts';
import { addBackend, updateBackend } from './backend-add.ts';
import { backendCollectSaga, backendRemoveSaga, removeBackend } from './backend-remove.ts';
import { updateBackendState } from './backend-state.ts';
import { getBackendView, listBackendViews } from './backend-views.ts';
import type { Core } from './core.ts';
import type { OpenDrivers } from './drivers.ts';
import { createGroupSnapshot, groupCreateSaga } from './group-create.ts';
import { getGroup } from './group-records.ts';
import { groupRemoveSaga, removeGroupSnapshot } from './group-remove.ts';
import { openJournal } from './journal.ts';
import {
  establishMirror,
  promoteMirror,
  readMirror,
  reestablishMirror,
  releaseMirrors,
  updateMirror,
} from './mirrors.ts';
import { registerNode, removeNode, updateNodeState } from './nodes.ts';
import type { CallOptions, Orchestrator } from './orchestrator.ts';
import { pollBackends, refuseDryRun } from './poll.ts';
import { getPublication, publishSaga, publishVolume } from './publish.ts';
import {
  listOperations,
  listPublications,
  listSnapshots,
  listVolumes,
  readOperation,
  readVolume,
  volumeNames,
} from './reads.ts';
import { getNode } from './records.ts';
import { createRecovery, sagaEntry } from './recovery.ts';
import type { SagaTable } from './recovery.ts';
import { createRunner } from './runner.ts';
import type { FollowUp } from './saga.ts';
import { createSnapshot, snapshotCreateSaga } from './snapshot-create.ts';
import { getSnapshot } from './snapshot-records.ts';
import { removeSnapshot, snapshotRemoveSaga } from './snapshot-remove.ts';
import { restoreSnapshot, snapshotRestoreSaga } from './snapshot-restore.ts';
import { addStorageClass, getStorageClass, listStorageClasses, removeStorageClass } from './storage-classes.ts';
import { createTelemetry } from './telemetry.ts';
import { nodeCollectSaga, unpublishSaga, unpublishVolume } from './unpublish.ts';
import { cloneVolume, volumeCloneSaga } from './volume-clone.ts';
import { readChap } from './volume-chap.ts';
import { createVolume, volumeCreateSaga } from './volume-create.ts';
import { importVolume, volumeImportSaga } from './volume-import.ts';
import { moveVolume, readMove } from './volume-move.ts';
import { removeVolume, volumeCollectSaga, volumeRemoveSaga } from './volume-remove.ts';
import { resizeVolume, volumeResizeSaga } from './volume-resize.ts';
import { setPassphraseNames, updateVolume } from './volume-update.ts';

export interface OrchestratorOptions {
  readonly store: Store;
  readonly drivers: OpenDrivers;
  readonly now: () => Date;
  readonly random: () => number;
  readonly crashPoint: (name: string) => void | Promise<void>;
}

/** Every operation that the journal may name. */
const createSagas = (core: Core) => ({
  volumeCreate: volumeCreateSaga(core),
  volumeClone: volumeCloneSaga(core),
  volumeImport: volumeImportSaga(core),
  volumeResize: volumeResizeSaga(core),
  volumeRemove: volumeRemoveSaga(core),
  volumeCollect: volumeCollectSaga(core),
  snapshotCreate: snapshotCreateSaga(core),
  snapshotRemove: snapshotRemoveSaga(core),
  snapshotRestore: snapshotRestoreSaga(core),
  groupCreate: groupCreateSaga(core),
  groupRemove: groupRemoveSaga(core),
  publish: publishSaga(core),
  unpublish: unpublishSaga(core),
  nodeCollect: nodeCollectSaga(core),
  backendRemove: backendRemoveSaga(core),
  backendCollect: backendCollectSaga(core),
});

const tableOf = (sagas: ReturnType<typeof createSagas>): SagaTable =>
  new Map([
    sagaEntry(sagas.volumeCreate),
    sagaEntry(sagas.volumeClone),
    sagaEntry(sagas.volumeImport),
    sagaEntry(sagas.volumeResize),
    sagaEntry(sagas.volumeRemove),
    sagaEntry(sagas.volumeCollect),
    sagaEntry(sagas.snapshotCreate),
    sagaEntry(sagas.snapshotRemove),
    sagaEntry(sagas.snapshotRestore),
    sagaEntry(sagas.groupCreate),
    sagaEntry(sagas.groupRemove),
    sagaEntry(sagas.publish),
    sagaEntry(sagas.unpublish),
    sagaEntry(sagas.nodeCollect),
    sagaEntry(sagas.backendRemove),
    sagaEntry(sagas.backendCollect),
  ]);

/** The use cases over a store and its drivers. */
export const createOrchestrator = (options: OrchestratorOptions): Orchestrator => {
  const { store, drivers, now, random, crashPoint } = options;
  const journal = openJournal(store, now);
  const runner = createRunner({
    store,
    journal,
    now,
    crashPoint,
    beforeRun: (locks, call) => recovery.beforeRun(runner, locks, call),
    afterRun: (entries, call) => recovery.runFollowUps(runner, entries, call),
  });
  const core: Core = { store, journal, runner, drivers, now, random };
  const sagas = createSagas(core);
  const recovery = createRecovery(store, tableOf(sagas));
  const telemetry = createTelemetry(core);
  const looks = createAccessLooks(core);
  const recover = (call: CallOptions) => recovery.recoverAll(runner, call);

  /** Enters something that was left to be done in the journal and does it. */
  const runLeftOver = async ({ kind, state }: FollowUp, call: CallOptions): Promise<void> => {
    const subject = typeof state['subject'] === 'string' ? state['subject'] : kind;
    const { record } = await journal.begin(journal.draft(kind, subject, state), []);
    await recovery.runFollowUps(runner, [record], call);
  };

  return {
    backends: {
      add: (config, call) => addBackend(core, config, call),
      update: (name, config, call) => updateBackend(core, name, config, call),
      updateState: (name, change, call) => updateBackendState(core, name, change, call),
      get: (nameOrUuid) => getBackendView(core, nameOrUuid),
      list: () => listBackendViews(core),
      names: async () => (await store.list('backend')).map(({ value }) => value.name).sort(),
      remove: (name, call) => removeBackend(core, sagas.backendRemove, name, call),
      repairAccess: (name, call) => repairAccess(core, name, call),
    },
    storageClasses: {
      add: (storageClass, how = {}) => addStorageClass(core, storageClass, how),
      get: (name) => getStorageClass(core, name),
      list: () => listStorageClasses(core),
      names: () => store.ids('storageClass'),
      remove: (name, call) => removeStorageClass(core, name, call),
    },
    volumes: {
      create: (request, call) => createVolume(core, sagas.volumeCreate, request, call),
      clone: (request, call) => cloneVolume(core, sagas.volumeClone, request, call),
      import: (request, call) => importVolume(core, sagas.volumeImport, request, call),
      resize: (name, size, call) => resizeVolume(core, sagas.volumeResize, name, size, call),
      update: (name, request, call) => updateVolume(core, name, request, call),
      setPassphraseNames: (name, names, call) => setPassphraseNames(core, name, names, call),
      remove: (name, call) => removeVolume(core, sagas.volumeRemove, name, call),
      get: (name) => readVolume(core, name),
      list: () => listVolumes(core),
      names: () => volumeNames(core),
      chap: (name) => readChap(core, name),
    },
    snapshots: {
      create: (request, call) => createSnapshot(core, sagas.snapshotCreate, request, call),
      restore: (volume, name, call) => restoreSnapshot(core, sagas.snapshotRestore, volume, name, call),
      remove: (volume, name, call) => removeSnapshot(core, sagas.snapshotRemove, volume, name, call),
      get: (volume, name) => getSnapshot(core, volume, name, (snapshot) => `snapshot ${snapshot} was not found`),
      list: (filter) => listSnapshots(core, filter ?? {}),
    },
    groupSnapshots: {
      create: (request, call) => createGroupSnapshot(core, sagas.groupCreate, request, call),
      remove: (name, call) => removeGroupSnapshot(core, sagas.groupRemove, name, call),
      get: (name) => getGroup(core, name, (group) => `group snapshot ${group} was not found`),
      names: () => store.ids('groupSnapshot'),
    },
    mirrors: {
      establish: (volume, request, call) => establishMirror(core, volume, request, call),
      reestablish: (volume, request, call) => reestablishMirror(core, volume, request, call),
      promote: (volume, request, call) => promoteMirror(core, volume, request, call),
      update: (volume, snapshot, call) => updateMirror(core, volume, snapshot, call),
      get: (volume, call) => readMirror(core, volume, call),
      release: (volume, remote, call) => releaseMirrors(core, volume, remote, call),
    },
    moves: {
      move: (volume, wish, call) => moveVolume(core, volume, wish, call),
      get: (volume, call) => readMove(core, volume, call),
    },
    nodes: {
      register: (node, call) => registerNode(core, node, call),
      updateState: (name, flags) => updateNodeState(core, name, flags),
      get: async (name) => (await getNode(store, name)).value,
      list: async () => (await store.list('node')).map(({ value }) => value),
      remove: (name, call) => removeNode(core, name, call),
    },
    publications: {
      publish: (request, call) => publishVolume(core, sagas.publish, request, call),
      unpublish: (volume, node, call) => unpublishVolume(core, sagas.unpublish, volume, node, call),
      get: (volume, node) => getPublication(core, volume, node),
      list: (filter) => listPublications(core, filter ?? {}),
    },
    operations: {
      list: () => listOperations(core),
      get: (id) => readOperation(core, id),
      async recover(call) {
        refuseDryRun(call);
        return recover(call);
      },
    },
    reportUsage: (call) => telemetry.send(call),
    async poll(call) {
      refuseDryRun(call);
      await pollBackends(
        core,
        looks,
        () => recover(call),
        (followUp) => runLeftOver(followUp, call),
        call,
      );
    },
  };
};
