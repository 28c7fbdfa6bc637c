import type { VolumeChange } from '../drivers/driver.ts';
import { Problem } from '../problem.ts';
import type { Change } from '../store/store.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { DryRun } from './dry-run.ts';
import type { VolumeRecord } from './model.ts';
import type { CallOptions, VolumeUpdateRequest } from './orchestrator.ts';
import { notFound } from './problems.ts';
import { commitFresh, editVolume, getBackend, getVolume, handleOf, refuseDeleting } from './records.ts';
import { requireBackend } from './states.ts';

const getOwn = async (core: Core, name: string): Promise<VolumeRecord> => {
  const missing = (volume: string) => `volume ${volume} was not found`;
  const { value } = await getVolume(core.store, name, missing);
  if (value.state === 'subordinate') throw notFound('volume.not-found', missing(name));
  return value;
};

const unsupported = (driver: string): Problem =>
  new Problem(
    'volume.update-unsupported',
    'unsupported',
    `volume update is not supported for backend of type ${driver}`,
    {
      nothingDone: true,
    },
  );

const changeOf = ({ snapshotDirectory, poolLevel }: VolumeUpdateRequest): VolumeChange => {
  const text = snapshotDirectory.toLowerCase();
  if (text === 'true' || text === 'false') return { snapshotDirectory: text, poolLevel };
  throw new Problem(
    'volume.option',
    'invalid',
    `snapshotDirectory: ${JSON.stringify(snapshotDirectory)} is not "true" or "false"`,
    { path: ['snapshotDirectory'], nothingDone: true },
  );
};

/** What changed with a volume, in records; volumes that share it as far as the backend says so. */
const recordChanges = async (
  core: Core,
  { config, backendUUID }: VolumeRecord,
  { snapshotDirectory }: VolumeChange,
  isAffected: (other: VolumeRecord) => boolean,
): Promise<readonly Change[]> => {
  const volumes = await core.store.list('volume', { index: 'backend', value: backendUUID });
  const names = volumes
    .map(({ value }) => value)
    .filter((other) => other.config.name === config.name || isAffected(other))
    .map((other) => other.config.name);
  const edits = names.map((name) =>
    editVolume(core.store, name, (record) =>
      record.config.snapshotDirectory === snapshotDirectory
        ? undefined
        : { ...record, config: { ...record.config, snapshotDirectory } },
    ),
  );
  return (await Promise.all(edits)).flat();
};

/**
 * Changes whether a volume's snapshot directory can be seen (UPD-1); without a value it changes nothing. Where volumes
 * share it, nobody else may work on the backend meanwhile.
 */
export const updateVolume = async (
  core: Core,
  name: string,
  request: VolumeUpdateRequest,
  options: CallOptions,
): Promise<VolumeRecord> => {
  const { backendUUID } = await getOwn(core, name);
  const lock = locks.backend(backendUUID);
  const wanted = request.poolLevel
    ? { exclusive: [lock, locks.volume(name)], shared: [] }
    : { exclusive: [locks.volume(name)], shared: [lock] };
  await core.runner.locked(
    wanted,
    async (signal) => {
      const volume = await getOwn(core, name);
      const backend = await getBackend(core.store, backendUUID);
      await core.drivers.use(backend, async ({ updates }) => {
        if (updates === undefined) throw unsupported(backend.value.driver);
        if (volume.config.importNotManaged)
          throw new Problem('volume.not-managed', 'conflict', `volume ${name} is not managed by Trident`, {
            nothingDone: true,
          });
        refuseDeleting(volume, (text) => `volume ${text} is deleting`);
        if (request.snapshotDirectory === '') return;
        const change = changeOf(request);
        const handle = handleOf(volume);
        updates.check(handle, change);
        requireBackend(backend.value, 'provision');
        const what = `${change.snapshotDirectory === 'true' ? 'show' : 'hide'} the snapshot directory of volume ${name}`;
        if (options.dryRun === true) throw new DryRun([what]);
        options.progress?.(what);
        const isAffected = await updates.apply(handle, change, signal);
        await commitFresh(
          (changes) => core.journal.note('volume.update', `volume ${name}`, changes),
          () => recordChanges(core, volume, change, (other) => isAffected(handleOf(other))),
        );
      });
    },
    options,
  );
  return getOwn(core, name);
};

/**
 * Records which passphrases open a volume's LUKS device, as the node that changed them tells (UPD-2). The array knows
 * nothing of them. Answers the record as it was before.
 */
export const setPassphraseNames = async (
  core: Core,
  name: string,
  luksPassphraseNames: readonly string[],
  options: CallOptions,
): Promise<VolumeRecord> => {
  const before = await getOwn(core, name);
  if (options.dryRun === true) throw new DryRun([`record the LUKS passphrase names of volume ${name}`]);
  await core.runner.locked(
    { exclusive: [locks.volume(name)], shared: [] },
    () =>
      commitFresh(
        (changes) => core.journal.note('volume.passphrases', `volume ${name}`, changes),
        () =>
          editVolume(core.store, name, (record) =>
            JSON.stringify(record.config.luksPassphraseNames) === JSON.stringify(luksPassphraseNames)
              ? undefined
              : { ...record, config: { ...record.config, luksPassphraseNames } },
          ),
      ),
    options,
  );
  return before;
};
