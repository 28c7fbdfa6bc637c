import type { DriverManifest } from '../drivers/driver.ts';
import { snapshotHandle } from '../drivers/objects.ts';
import { Problem } from '../problem.ts';
import type { Change } from '../store/store.ts';
import type { Core } from './core.ts';
import { readState } from './json-state.ts';
import type { BackendRecord, SnapshotRecord } from './model.ts';
import { snapshotId } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { editVolume, getBackend, getVolume, handleOf, requireManaged } from './records.ts';
import type { Saga } from './saga.ts';
import { decodeSnapshotState, getSnapshot, getSource, snapshotLocks, snapshotSubject } from './snapshot-records.ts';
import type { SnapshotState } from './snapshot-records.ts';
import { requireBackend } from './states.ts';

/** @throws Problem `snapshot.no-restore` */
const requireRestore = (backend: BackendRecord, manifest: Pick<DriverManifest, 'restore' | 'readOnlyClones'>): void => {
  if (manifest.restore) return;
  throw new Problem(
    'snapshot.no-restore',
    'unsupported',
    `restoring snapshots is not supported by backend type ${backend.driver}`,
    {
      nothingDone: true,
      ...(manifest.readOnlyClones ? { hint: 'read the files from a read-only clone of the snapshot' } : {}),
    },
  );
};

interface RestoreState extends SnapshotState {
  /** Usable bytes of the volume afterwards. */
  readonly size?: number;
  /** Names of the snapshots that the array took along. */
  readonly taken?: readonly string[];
}

/** The snapshots on record that were taken after another one, and that arrays may remove when they restore that. */
const newerThan = async ({ store }: Core, { volume, name }: SnapshotState): Promise<readonly SnapshotRecord[]> => {
  const snapshots = (await store.list('snapshot', { index: 'volume', value: volume })).map(({ value }) => value);
  const restored = snapshots.find((snapshot) => snapshot.name === name);
  if (restored === undefined) return [];
  // Arrays tell whole seconds.
  const since = Date.parse(restored.created);
  return snapshots.filter((snapshot) => snapshot !== restored && !(Date.parse(snapshot.created) < since));
};

/** Names of those of the newer snapshots that are not on the array any more. */
const findTaken = async (core: Core, state: SnapshotState, signal: AbortSignal): Promise<readonly string[]> => {
  const backend = await getBackend(core.store, state.backendUUID);
  const newer = await newerThan(core, state);
  if (newer.length === 0) return [];
  const handle = handleOf(await getSource(core, state.volume));
  return core.drivers.use(backend, async (driver) => {
    if (!driver.manifest.restoreTakesOthers) return [];
    const left = new Set((await driver.listSnapshots(handle, signal)).map(({ internalName }) => internalName));
    return newer.filter(({ internalName }) => !left.has(internalName)).map(({ name }) => name);
  });
};

export const snapshotRestoreSaga = (core: Core): Saga<RestoreState> => ({
  kind: 'snapshot.restore',
  subject: snapshotSubject,
  locks: snapshotLocks,
  decode(json) {
    const size = readState(json).optionalInteger('size');
    return { ...decodeSnapshotState(json), ...(size === undefined ? {} : { size }) };
  },
  steps: [
    {
      name: 'restore',
      describe: ({ volume, name }) => `restore volume ${volume} to snapshot ${name}`,
      async run({ volume, name, backendUUID }, { signal }) {
        const snapshot = await getSnapshot(
          core,
          volume,
          name,
          (text) => `snapshot ${text} not found on volume ${volume}`,
        );
        const handle = handleOf(await getSource(core, volume));
        const backend = await getBackend(core.store, backendUUID);
        const size = await core.drivers.use(backend, (driver) =>
          driver.restoreSnapshot(handle, snapshotHandle(snapshot), signal),
        );
        return { size };
      },
      records: ({ volume, size }) =>
        editVolume(core.store, volume, (record) =>
          size === undefined || size === record.config.size
            ? undefined
            : { ...record, config: { ...record.config, size } },
        ),
    },
    {
      // A step of its own: when it has to be repeated, nothing is restored again that was written since.
      name: 'forget',
      describe: ({ volume, name }) =>
        `forget snapshots of volume ${volume} that went because they are newer than ${name}`,
      async run(state, { signal, note }) {
        const taken = await findTaken(core, state, signal);
        for (const name of taken) note(`snapshot ${name} of volume ${state.volume} went with what was written since`);
        return { taken };
      },
      records: async ({ volume, taken = [] }) =>
        taken.map((name): Change => ({ kind: 'snapshot', remove: snapshotId({ volume, name }) })),
    },
  ],
});

/**
 * SNAP-18, publications of volumes that share this one included.
 * @throws Problem `volume.attached` (kind `conflict`) with the text
 */
export const refuseAttached = async ({ store }: Core, volume: string, text: string): Promise<void> => {
  const sharing = await store.list('volume', { index: 'shareSource', value: volume });
  for (const name of [volume, ...sharing.map(({ value }) => value.config.name)]) {
    const [publication] = await store.list('publication', { index: 'volume', value: name });
    if (publication === undefined) continue;
    throw new Problem('volume.attached', 'conflict', text, {
      hint: `volume ${name} is published to node ${publication.value.node}`,
      nothingDone: true,
    });
  }
};

/** Puts a volume back to what a snapshot holds; the volume must not be published. */
export const restoreSnapshot = async (
  core: Core,
  saga: Saga<RestoreState>,
  volume: string,
  name: string,
  options: CallOptions,
): Promise<SnapshotRecord> => {
  const missing = (snapshot: string) => `snapshot ${snapshot} not found on volume ${volume}`;
  const { backendUUID } = (await getVolume(core.store, volume, (text) => `volume ${text} not found`)).value;
  const check = async (): Promise<SnapshotState> => {
    await getSnapshot(core, volume, name, missing);
    const { config } = (await getVolume(core.store, volume, (text) => `volume ${text} not found`)).value;
    await refuseAttached(core, volume, 'cannot restore attached volume to snapshot');
    requireManaged(config, 'restored');
    const backend = await getBackend(core.store, backendUUID);
    requireBackend(backend.value, 'provision');
    await core.drivers.use(backend, ({ manifest }) => requireRestore(backend.value, manifest));
    return { volume, name, backendUUID };
  };
  await core.runner.run(saga, snapshotLocks({ volume, name, backendUUID }), check, options);
  return getSnapshot(core, volume, name, missing);
};
