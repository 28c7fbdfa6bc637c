import type { VolumeHandle } from '../drivers/objects.ts';
import type { Mirrors, MirrorStatus } from '../drivers/mirrors.ts';
import { Problem } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { DryRun } from './dry-run.ts';
import type { BackendRecord, VolumeRecord } from './model.ts';
import type { CallOptions, MirrorRequest, MirrorView } from './orchestrator.ts';
import { commitFresh, editVolume, getBackend, getVolume, handleOf, refuseDeleting, requireManaged } from './records.ts';
import { refuseAttached } from './snapshot-restore.ts';
import { requireBackend } from './states.ts';

/**
 * Mirror verbs (MIR-1 to MIR-5). They converge, so a repeated command goes on where an interrupted one stopped: nothing is
 * left in the journal that could stand in the way of a promotion when the other side is gone. The journal notes what was done.
 */

const find = async (core: Core, name: string) => {
  const volume = (await getVolume(core.store, name, (text) => `volume ${text} was not found`)).value;
  refuseDeleting(volume, (text) => `volume ${text} is deleting`);
  requireManaged(volume.config, 'mirrored');
  const backend = await getBackend(core.store, volume.backendUUID);
  requireBackend(backend.value, 'publish');
  return { volume, backend };
};

/** @throws Problem `mirror.unsupported` */
const useMirrors = <T>(
  core: Core,
  backend: Stored<BackendRecord>,
  action: (mirrors: Mirrors) => Promise<T>,
): Promise<T> =>
  core.drivers.use(backend, ({ mirrors }) => {
    if (mirrors !== undefined) return action(mirrors);
    throw new Problem(
      'mirror.unsupported',
      'unsupported',
      `mirroring is not implemented by backends of type ${backend.value.driver}`,
      { nothingDone: true },
    );
  });

/** The other side: as asked for, else as on record. */
const remoteOf = (volume: VolumeRecord, asked: string): string =>
  asked === '' ? volume.config.requiredPeerVolumeHandle : asked;

const viewOf = (volume: string, { ref: _ref, ...status }: MirrorStatus, waiting = false): MirrorView => ({
  volume,
  waiting,
  ...status,
});

/** Keeps what a verb found out: the handle, which volume is mirrored, and how large it is. */
const record = (
  core: Core,
  kind: string,
  name: string,
  { status: { ref, remote }, size: told }: Outcome,
): Promise<void> =>
  commitFresh(
    (changes) => core.journal.note(kind, `volume ${name}`, changes),
    () =>
      editVolume(core.store, name, (volume) => {
        const { requiredPeerVolumeHandle: known, size: before } = volume.config;
        const peer = remote === '' ? known : remote;
        const size = told ?? before;
        if (peer === known && size === before && JSON.stringify(ref) === JSON.stringify(volume.ref)) return undefined;
        return { ...volume, ref, config: { ...volume.config, requiredPeerVolumeHandle: peer, size } };
      }),
  );

interface Outcome {
  readonly status: MirrorStatus;
  readonly waiting?: boolean;
  readonly size?: number;
}
interface Verb {
  readonly kind: string;
  readonly text: (remote: string) => string;
  /** Refuses before the array is asked. */
  readonly check?: (volume: VolumeRecord, remote: string) => Promise<void>;
  readonly act: (mirrors: Mirrors, volume: VolumeHandle, remote: string, signal: AbortSignal) => Promise<Outcome>;
}

const run = async (
  core: Core,
  name: string,
  asked: string,
  { kind, text, check, act }: Verb,
  options: CallOptions,
): Promise<MirrorView> => {
  const { volume: known, backend } = await find(core, name);
  const what = text(remoteOf(known, asked));
  return core.runner.locked(
    { exclusive: [locks.volume(name)], shared: [locks.backend(backend.value.uuid)] },
    async (signal) => {
      const { volume } = await find(core, name);
      const remote = remoteOf(volume, asked);
      await check?.(volume, remote);
      if (options.dryRun === true) throw new DryRun([what]);
      options.progress?.(what);
      const outcome = await useMirrors(core, backend, (mirrors) => act(mirrors, handleOf(volume), remote, signal));
      await record(core, kind, name, outcome);
      return viewOf(name, outcome.status, outcome.waiting);
    },
    options,
  );
};

const requireRemote = (remote: string): void => {
  if (remote !== '') return;
  throw new Problem('mirror.no-source', 'invalid', 'it is not known which volume is to be mirrored', {
    hint: 'name it as svm:volume',
    path: ['remoteVolume'],
    nothingDone: true,
  });
};

export const establishMirror = (core: Core, name: string, request: MirrorRequest, options: CallOptions) =>
  run(
    core,
    name,
    request.remote,
    {
      kind: 'mirror.establish',
      text: (remote) => `make volume ${name} a mirror of ${remote}`,
      check: async (_volume, remote) => requireRemote(remote),
      act: async (mirrors, volume, remote, signal) => ({
        status: await mirrors.establish(volume, { ...request, remote }, signal),
      }),
    },
    options,
  );

/** What was written to the volume is lost, so nobody may have it attached. */
export const reestablishMirror = (core: Core, name: string, request: MirrorRequest, options: CallOptions) =>
  run(
    core,
    name,
    request.remote,
    {
      kind: 'mirror.reestablish',
      text: (remote) => `make volume ${name} a mirror of ${remote} again, and discard what was written to it since`,
      check: async (_volume, remote) => {
        requireRemote(remote);
        await refuseAttached(core, name, 'cannot re-establish the mirror of an attached volume');
      },
      act: async (mirrors, volume, remote, signal) => ({
        status: await mirrors.reestablish(volume, { ...request, remote }, signal),
      }),
    },
    options,
  );

/** @param snapshot of the source, as `snapshot` or `volume/snapshot`; empty: what has come over */
export const promoteMirror = (
  core: Core,
  name: string,
  { remote: asked, snapshot }: { readonly remote: string; readonly snapshot: string },
  options: CallOptions,
) =>
  run(
    core,
    name,
    asked,
    {
      kind: 'mirror.promote',
      text: () => `promote volume ${name}${snapshot === '' ? '' : ` at snapshot ${snapshot}`}`,
      act: (mirrors, volume, _remote, signal) =>
        mirrors.promote(volume, asked, snapshot.slice(snapshot.lastIndexOf('/') + 1), signal),
    },
    options,
  );

export const updateMirror = (core: Core, name: string, snapshot: string, options: CallOptions) =>
  run(
    core,
    name,
    '',
    {
      kind: 'mirror.update',
      text: (remote) =>
        `transfer ${snapshot === '' ? 'changes' : `snapshot ${snapshot}`} of ${remote} to volume ${name}`,
      act: async (mirrors, volume, _remote, signal) => ({
        status: await mirrors.update(volume, snapshot.slice(snapshot.lastIndexOf('/') + 1), signal),
      }),
    },
    options,
  );

/** Asks the array; nothing is changed. */
export const readMirror = async (core: Core, name: string, { signal }: CallOptions): Promise<MirrorView> => {
  const { volume, backend } = await find(core, name);
  const status = await useMirrors(core, backend, (mirrors) => mirrors.status(handleOf(volume), '', signal));
  return viewOf(name, status);
};

/** The volume is a source: forgets its copies. Returns those that were forgotten. */
export const releaseMirrors = async (
  core: Core,
  name: string,
  remote: string,
  options: CallOptions,
): Promise<readonly string[]> => {
  const { backend } = await find(core, name);
  return core.runner.locked(
    { exclusive: [locks.volume(name)], shared: [locks.backend(backend.value.uuid)] },
    async (signal) => {
      const { volume } = await find(core, name);
      if (options.dryRun === true)
        throw new DryRun([`forget ${remote === '' ? 'all mirrors' : `mirror ${remote}`} of volume ${name}`]);
      const released = await useMirrors(core, backend, (mirrors) => mirrors.release(handleOf(volume), remote, signal));
      if (released.length > 0) await core.journal.note('mirror.release', `volume ${name}`, []);
      return released;
    },
    options,
  );
};
