import { Problem } from '../problem.ts';
import { snapshotId } from '../orchestrator/model.ts';
import { callOptions, mandatory, type HandlerContext, type HandlersFor } from './handler.ts';
import { snapshotToWire } from './to-wire.ts';

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
  | 'deleteGroupSnapshot';

/** `volume` wins over `group`; an empty value is a name that nothing has. */
const filterOf = (query: Readonly<Record<string, string>>): { readonly volume?: string; readonly group?: string } => {
  const { volume, group } = query;
  if (volume !== undefined) return { volume };
  return group === undefined ? {} : { group };
};

const noGroup = (message: string): Problem =>
  new Problem('groupsnapshot.not-found', 'notFound', message, { nothingDone: true });

/** There are no group snapshots in this core, so every name is unknown. */
const groupHandlers = (
  context: HandlerContext,
): HandlersFor<'getGroupSnapshot' | 'listGroupSnapshots' | 'deleteGroupSnapshot'> => ({
  getGroupSnapshot: async (call) => {
    context.orchestrator();
    throw noGroup(`group snapshot ${call.params.group} was not found`);
  },
  listGroupSnapshots: async () => {
    context.orchestrator();
    return { groupSnapshots: [] };
  },
  deleteGroupSnapshot: async (call) => {
    context.orchestrator();
    throw noGroup(`group snapshot '${call.params.group}' not found`);
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
