import { snapshotId } from '../orchestrator/model.ts';
import { callOptions, mandatory, type HandlerContext, type HandlersFor } from './handler.ts';
import { groupSnapshotToWire, snapshotToWire } from './to-wire.ts';

type Names =
  | 'listSnapshots'
  | 'listSnapshotsForVolume'
  | 'listSnapshotDetails'
  | 'getSnapshot'
  | 'addSnapshot'
  | 'deleteSnapshot'
  | 'restoreSnapshot'
  | 'getGroupSnapshot'
  | 'listGroupSnapshots'
  | 'deleteGroupSnapshot'
  | 'addGroupSnapshot';

/** `volume` wins over `group`; an empty value is a name that nothing has. */
const filterOf = (query: Readonly<Record<string, string>>): { readonly volume?: string; readonly group?: string } => {
  const { volume, group } = query;
  if (volume !== undefined) return { volume };
  return group === undefined ? {} : { group };
};

const groupHandlers = (
  context: HandlerContext,
): HandlersFor<'getGroupSnapshot' | 'listGroupSnapshots' | 'deleteGroupSnapshot' | 'addGroupSnapshot'> => ({
  getGroupSnapshot: async (call) => ({
    groupSnapshot: groupSnapshotToWire(await context.orchestrator().groupSnapshots.get(call.params.group)),
  }),
  listGroupSnapshots: async () => ({ groupSnapshots: await context.orchestrator().groupSnapshots.names() }),
  deleteGroupSnapshot: async (call) => {
    await context.orchestrator().groupSnapshots.remove(call.params.group, callOptions(call));
    return {};
  },
  addGroupSnapshot: async (call) => {
    const { volumeNames = [], version = '' } = call.body();
    const request = { name: call.params.group, volumes: volumeNames, version };
    return {
      groupSnapshot: groupSnapshotToWire(
        await context.orchestrator().groupSnapshots.create(request, callOptions(call)),
      ),
    };
  },
});

export const snapshotHandlers = (context: HandlerContext): HandlersFor<Names> => ({
  ...groupHandlers(context),
  listSnapshots: async (call) => ({
    snapshots: (await context.orchestrator().snapshots.list(filterOf(call.query))).map(snapshotId),
    details: '/details/snapshot',
  }),
  listSnapshotsForVolume: async (call) => ({
    snapshots: (await context.orchestrator().snapshots.list({ volume: call.params.volume })).map(snapshotId),
    details: '/details/snapshot',
  }),
  listSnapshotDetails: async (call) => ({
    snapshots: (await context.orchestrator().snapshots.list(filterOf(call.query))).map(snapshotToWire),
  }),
  getSnapshot: async (call) => ({
    snapshot: snapshotToWire(await context.orchestrator().snapshots.get(call.params.volume, call.params.snapshot)),
  }),
  addSnapshot: async (call) => {
    const { name = '', volumeName = '', version = '' } = call.body();
    if (name === '' || volumeName === '')
      throw mandatory('the following fields for "Snapshot" are mandatory: name and volumeName', [
        name === '' ? 'name' : 'volumeName',
      ]);
    const request = { volume: volumeName, name, version };
    return { snapshotID: snapshotId(await context.orchestrator().snapshots.create(request, callOptions(call))) };
  },
  deleteSnapshot: async (call) => {
    await context.orchestrator().snapshots.remove(call.params.volume, call.params.snapshot, callOptions(call));
    return {};
  },
  restoreSnapshot: async (call) => ({
    snapshot: snapshotToWire(
      await context.orchestrator().snapshots.restore(call.params.volume, call.params.snapshot, callOptions(call)),
    ),
  }),
});
