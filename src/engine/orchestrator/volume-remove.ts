import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Change } from '../store/store.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { DryRun } from './dry-run.ts';
import { readState, toJsonObject } from './json-state.ts';
import type { VolumeRecord, VolumeState } from './model.ts';
import { publicationId } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { commitFresh, editVolume, getVolume, handleOf } from './records.ts';
import type { FollowUp, Saga, Step } from './saga.ts';
import { requireBackend, transition, volumeStates } from './states.ts';
import { followUnpublish } from './unpublish.ts';

/** State of both ways to delete: asked for by the user, and left to be done by the deletion of what held the volume. */
export interface RemoveState {
  readonly subject: string;
  readonly name: string;
  readonly backendUUID: string;
  readonly cloneSource: string;
  /** What the record said before it was marked; given back when the array refuses. */
  readonly before: VolumeState;
  /** True when it turned out that the volume has to stay. */
  readonly keep: boolean;
}

const removeLocks = ({ name, backendUUID }: Pick<RemoveState, 'name' | 'backendUUID'>) => ({
  exclusive: [locks.volume(name)],
  shared: [locks.backend(backendUUID)],
});

const decode = (json: JsonObject): RemoveState => {
  const state = readState(json);
  const before = state.text('before');
  return {
    subject: state.text('subject'),
    name: state.text('name'),
    backendUUID: state.text('backendUUID'),
    cloneSource: state.text('cloneSource'),
    before: before === 'deleting' || before === 'missing_backend' ? before : 'online',
    keep: state.flag('keep'),
  };
};

/** True while snapshots or volumes that share it hold a volume: then it is only marked (DEL-3). */
const isHeld = async ({ store }: Core, name: string): Promise<boolean> =>
  (await store.count('snapshot', { index: 'volume', value: name })) > 0 ||
  (await store.count('volume', { index: 'shareSource', value: name })) > 0;

const mostNamed = 3;

/** What holds a volume, for people. */
const holdersOf = async ({ store }: Core, name: string): Promise<string> => {
  const snapshots = await store.list('snapshot', { index: 'volume', value: name });
  const shares = await store.list('volume', { index: 'shareSource', value: name });
  const holders = [
    ...snapshots.map(({ value }) => `snapshot ${name}/${value.name}`),
    ...shares.map(({ value }) => `volume ${value.config.name}`),
  ];
  const more = holders.length - mostNamed;
  return `${holders.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const markDeleting = (core: Core, name: string): Promise<readonly Change[]> =>
  editVolume(core.store, name, (record) =>
    record.state === 'deleting'
      ? undefined
      : { ...record, state: transition(volumeStates, name, record.state, 'deleting') },
  );

/**
 * The record and what refers to it. A publication cannot outlive its volume; one that changed may be of a node that was
 * marked as deleted meanwhile, and then what follows is decided again.
 */
const recordsOf = async ({ store }: Core, name: string): Promise<readonly Change[]> => {
  const publications = await store.list('publication', { index: 'volume', value: name });
  return [
    { kind: 'volume', remove: name },
    ...publications.map(({ value, revision }): Change => ({
      kind: 'publication',
      remove: publicationId(value),
      revision,
    })),
  ];
};

/** The final step of both ways; `decide` says whether the volume has to stay after all. */
const deleteStep = (core: Core, decide: (volume: VolumeRecord) => Promise<boolean>): Step<RemoveState> => ({
  name: 'delete',
  describe: ({ name }) => `delete volume ${name}`,
  async run({ name, backendUUID }, { signal }) {
    const volume = (await core.store.get('volume', name))?.value;
    if (volume === undefined) return { keep: false };
    if (await decide(volume)) return { keep: true };
    const backend = await core.store.get('backend', backendUUID);
    if (volume.config.importNotManaged || backend === undefined) return { keep: false };
    await core.drivers.use(backend, (driver) => driver.deleteVolume(handleOf(volume), signal));
    return { keep: false };
  },
  records: async ({ name, keep }) => (keep ? [] : recordsOf(core, name)),
});

const lastVolumes = 64;

/** DEL-7, BE-73 and NODE-21: a source, a backend or a node that only waited for this volume goes next. */
const followUps = async (
  core: Core,
  { name, backendUUID, cloneSource, keep }: RemoveState,
): Promise<readonly FollowUp[]> => {
  if (keep) return [];
  const next: FollowUp[] = [];
  for (const { value } of await core.store.list('publication', { index: 'volume', value: name }))
    next.push(...(await followUnpublish(core, value.node)));
  const source = cloneSource === '' ? undefined : await core.store.get('volume', cloneSource);
  if (source?.value.state === 'deleting') next.push(volumeCollect(source.value));
  const backend = await core.store.get('backend', backendUUID);
  if (backend?.value.state === 'deleting') {
    const volumes = await core.store.count('volume', { index: 'backend', value: backendUUID });
    // Each of the last few looks: of two that end at once, neither sees itself to be the last.
    if (volumes <= lastVolumes)
      next.push({ kind: 'backend.collect', state: { subject: `backend ${backend.value.name}`, uuid: backendUUID } });
  }
  return next;
};

/** The deletion, to be done by whoever reads the journal, of a volume that is marked and perhaps not held any more. */
export const volumeCollect = ({ config, backendUUID }: VolumeRecord): FollowUp => ({
  kind: 'volume.collect',
  state: toJsonObject({
    subject: `volume ${config.name}`,
    name: config.name,
    backendUUID,
    cloneSource: config.cloneSourceVolume,
    before: 'deleting',
    keep: false,
  } satisfies RemoveState),
});

/** Deletes what a user asked to delete: the record is marked with the journal's first write, then the array, then the record. */
export const volumeRemoveSaga = (core: Core): Saga<RemoveState> => ({
  kind: 'volume.delete',
  subject: ({ subject }) => subject,
  locks: removeLocks,
  decode,
  steps: [
    {
      name: 'mark',
      describe: ({ name }) => `mark volume ${name} as deleting`,
      records: ({ name }) => markDeleting(core, name),
      async undo({ name, before }) {
        await commitFresh(
          (changes) => core.store.commit(changes),
          () =>
            editVolume(core.store, name, (record) =>
              record.state === before
                ? undefined
                : { ...record, state: transition(volumeStates, name, record.state, before) },
            ),
        );
        return undefined;
      },
    },
    deleteStep(core, async () => false),
  ],
  followUps: (state) => followUps(core, state),
});

/** Deletes a volume that was marked before, unless something holds it again or still. */
export const volumeCollectSaga = (core: Core): Saga<RemoveState> => ({
  kind: 'volume.collect',
  subject: ({ subject }) => subject,
  locks: removeLocks,
  decode,
  steps: [deleteStep(core, async ({ config, state }) => state !== 'deleting' || (await isHeld(core, config.name)))],
  followUps: (state) => followUps(core, state),
});

const getToRemove = async (core: Core, name: string): Promise<VolumeRecord> =>
  (await getVolume(core.store, name, (volume) => `volume ${volume} not found`)).value;

/** Marks a volume that something holds. Answers false when meanwhile nothing does. */
const markHeld = async (core: Core, name: string, options: CallOptions): Promise<boolean> => {
  await getToRemove(core, name);
  if (!(await isHeld(core, name))) return false;
  if (options.dryRun === true)
    throw new DryRun([`mark volume ${name} as deleting; it goes with the last of what depends on it`]);
  await commitFresh(
    (changes) => core.journal.note('volume.delete', `volume ${name}`, changes),
    () => markDeleting(core, name),
  );
  options.warn?.(
    `volume ${name} is marked as deleting; it goes with the last of what depends on it: ${await holdersOf(core, name)}`,
  );
  return true;
};

const changedMeanwhile = 'volume.held-meanwhile';

/**
 * Deletes a volume, or marks it while snapshots hold it (DEL-1 to DEL-9). A refusal of the array leaves the volume as
 * it was; a lost answer leaves it marked and is followed up.
 */
export const removeVolume = async (
  core: Core,
  saga: Saga<RemoveState>,
  name: string,
  options: CallOptions,
): Promise<void> => {
  const { backendUUID } = await getToRemove(core, name);
  const wanted = removeLocks({ name, backendUUID });
  if (await isHeld(core, name)) {
    const isMarked = await core.runner.locked(wanted, () => markHeld(core, name, options), options);
    return isMarked ? undefined : removeVolume(core, saga, name, options);
  }
  const check = async (): Promise<RemoveState> => {
    const current = await getToRemove(core, name);
    if (await isHeld(core, name))
      throw new Problem(changedMeanwhile, 'conflict', `volume ${name} was changed meanwhile`, { nothingDone: true });
    const backend = await core.store.get('backend', backendUUID);
    if (backend !== undefined) requireBackend(backend.value, 'release');
    else if (options.dryRun === true) throw new DryRun([`remove the record of volume ${name}, whose backend is gone`]);
    const { cloneSourceVolume: cloneSource } = current.config;
    return { subject: `volume ${name}`, name, backendUUID, cloneSource, before: current.state, keep: false };
  };
  try {
    await core.runner.run(saga, wanted, check, options);
  } catch (error) {
    if (!Problem.is(error) || error.code !== changedMeanwhile) throw error;
    await removeVolume(core, saga, name, options);
  }
};
