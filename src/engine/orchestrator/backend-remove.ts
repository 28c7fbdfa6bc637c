import { messageOf, Problem } from '../problem.ts';
import type { JsonObject } from '../json.ts';
import type { Change } from '../store/store.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { notesRemoval } from './driver-notes.ts';
import { DryRun } from './dry-run.ts';
import { readState } from './json-state.ts';
import type { BackendRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { commitFresh, editBackend, getBackend, getBackendByName } from './records.ts';
import type { FollowUp, Saga } from './saga.ts';
import { backendStates, transition } from './states.ts';

/** State of both ways to delete: asked for, and left to be done by the deletion of the last volume. */
export interface RemoveBackendState {
  readonly subject: string;
  readonly uuid: string;
  /** True when it turned out that volumes are left. */
  readonly keep: boolean;
}

const decode = (json: JsonObject): RemoveBackendState => {
  const state = readState(json);
  return { subject: state.text('subject'), uuid: state.text('uuid'), keep: false };
};

const backendLocks = ({ uuid }: Pick<RemoveBackendState, 'uuid'>) => ({ exclusive: [locks.backend(uuid)], shared: [] });

const hasVolumes = async ({ store }: Core, uuid: string): Promise<boolean> =>
  (await store.count('volume', { index: 'backend', value: uuid })) > 0;

const markDeleting = (core: Core, uuid: string): Promise<readonly Change[]> =>
  editBackend(core.store, uuid, (record) =>
    record.state === 'deleting'
      ? undefined
      : { ...record, state: transition(backendStates, record.name, record.state, 'deleting') },
  );

/** The deletion, to be done by whoever reads the journal, of a backend that is marked and perhaps empty. */
export const backendCollect = ({ name, uuid }: BackendRecord): FollowUp => ({
  kind: 'backend.collect',
  state: { subject: `backend ${name}`, uuid },
});

/** A backend that cannot be reached can still be deleted; what it kept on the array is then named and left. */
const retire = async (core: Core, uuid: string, signal: AbortSignal, note: (text: string) => void): Promise<void> => {
  const backend = await core.store.get('backend', uuid);
  if (backend === undefined) return;
  try {
    await core.drivers.use(backend, (driver) => driver.retire(signal));
  } catch (error) {
    signal.throwIfAborted();
    note(`backend ${backend.value.name}: what it keeps on the array could not be removed: ${messageOf(error)}`);
  }
};

const removeSaga = (core: Core, kind: string, mustBeMarked: boolean): Saga<RemoveBackendState> => ({
  kind,
  subject: ({ subject }) => subject,
  locks: backendLocks,
  decode,
  steps: [
    {
      name: 'remove',
      describe: ({ subject }) => `remove ${subject}`,
      async run({ uuid }, { signal, note }) {
        const backend = await core.store.get('backend', uuid);
        const isKept = backend !== undefined && mustBeMarked && backend.value.state !== 'deleting';
        if (isKept || (await hasVolumes(core, uuid))) return { keep: true };
        await retire(core, uuid, signal, note);
        return { keep: false };
      },
      records: async ({ uuid, keep }) =>
        keep ? [] : [{ kind: 'backend', remove: uuid }, ...(await notesRemoval(core.store, uuid))],
    },
  ],
});

export const backendRemoveSaga = (core: Core): Saga<RemoveBackendState> => removeSaga(core, 'backend.delete', false);
export const backendCollectSaga = (core: Core): Saga<RemoveBackendState> => removeSaga(core, 'backend.collect', true);

const refuseOwned = ({ name, configRef }: BackendRecord): void => {
  if (configRef === '') return;
  throw new Problem(
    'backend.owned',
    'unsupported',
    `cannot delete backend '${name}' created using TridentBackendConfig CR; delete the TridentBackendConfig CR first`,
    { nothingDone: true },
  );
};

/** Removes a backend, or marks it deleting while it has volumes (BE-70 to BE-73). */
export const removeBackend = async (
  core: Core,
  saga: Saga<RemoveBackendState>,
  name: string,
  options: CallOptions,
): Promise<void> => {
  const { value: backend } = await getBackendByName(core.store, name);
  const { uuid } = backend;
  refuseOwned(backend);
  if (await hasVolumes(core, uuid)) {
    if (options.dryRun === true) throw new DryRun([`mark backend ${name} as deleting; it goes with its last volume`]);
    await core.runner.locked(
      backendLocks({ uuid }),
      () =>
        commitFresh(
          (changes) => core.journal.note('backend.delete', `backend ${name}`, changes),
          () => markDeleting(core, uuid),
        ),
      options,
    );
    // Its last volume may have gone before it was marked.
    const left = await core.store.count('volume', { index: 'backend', value: uuid });
    if (left > 0) {
      options.warn?.(`backend ${name} is marked as deleting; it goes with the last of its volumes (${left} now)`);
      return;
    }
  }
  const check = async (): Promise<RemoveBackendState> => {
    await getBackend(core.store, uuid);
    return { subject: `backend ${name}`, uuid, keep: false };
  };
  const { keep } = await core.runner.run(saga, backendLocks({ uuid }), check, options);
  if (keep) return removeBackend(core, saga, name, options);
  core.drivers.drop(uuid);
};
