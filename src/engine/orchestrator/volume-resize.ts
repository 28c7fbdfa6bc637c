import type { VolumeOnArray } from '../drivers/objects.ts';
import { Problem } from '../problem.ts';
import { parseSize } from '../sizes.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readState } from './json-state.ts';
import type { VolumeRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { notFound, wrapProblem } from './problems.ts';
import { editVolume, getBackend, getVolume, handleOf, refuseDeleting, requireManaged } from './records.ts';
import type { Saga } from './saga.ts';
import { requireBackend } from './states.ts';
import { decodeMade } from './volume-records.ts';

export interface ResizeState {
  readonly name: string;
  readonly backendUUID: string;
  readonly bytes: number;
  readonly made?: VolumeOnArray;
}

const resizeLocks = ({ name, backendUUID }: Pick<ResizeState, 'name' | 'backendUUID'>) => ({
  exclusive: [locks.volume(name)],
  shared: [locks.backend(backendUUID)],
});

const getToResize = async (core: Core, name: string): Promise<VolumeRecord> =>
  (await getVolume(core.store, name, (volume) => `volume ${volume} not found`)).value;

export const volumeResizeSaga = (core: Core): Saga<ResizeState> => ({
  kind: 'volume.resize',
  subject: ({ name }) => `volume ${name}`,
  locks: resizeLocks,
  decode(json) {
    const state = readState(json);
    const made = state.optionalObject('made');
    return {
      name: state.text('name'),
      backendUUID: state.text('backendUUID'),
      bytes: state.integer('bytes'),
      ...(made === undefined ? {} : { made: decodeMade(made) }),
    };
  },
  steps: [
    {
      // No undo: a resize is repeated until record and array agree (TXN-34), or the array refuses it.
      name: 'resize',
      describe: ({ name, bytes }) => `resize volume ${name} to ${bytes} bytes`,
      async run({ name, backendUUID, bytes }, { signal }) {
        const volume = await getToResize(core, name);
        const backend = await getBackend(core.store, backendUUID);
        try {
          return {
            made: await core.drivers.use(backend, (driver) => driver.resizeVolume(handleOf(volume), bytes, signal)),
          };
        } catch (error) {
          signal.throwIfAborted();
          throw wrapProblem('volume.resize-failed', (text) => `unable to resize the volume: ${text}`, error);
        }
      },
      records: ({ name, made }) =>
        editVolume(core.store, name, (record) =>
          made === undefined
            ? undefined
            : {
                ...record,
                ref: made.ref,
                config: {
                  ...record.config,
                  ...made.config,
                  size: made.size,
                  accessInformation: { ...record.config.accessInformation, ...made.accessInformation },
                },
              },
        ),
    },
  ],
});

/** Changes a volume's size (RSZ-1 to RSZ-6); asking for the size it has changes nothing and succeeds. */
export const resizeVolume = async (
  core: Core,
  saga: Saga<ResizeState>,
  name: string,
  size: string,
  options: CallOptions,
): Promise<VolumeRecord> => {
  const { backendUUID, config } = await getToResize(core, name);
  const bytes = parseSize(size);
  if (bytes === 0)
    throw new Problem('size.invalid', 'invalid', 'a volume cannot be resized to nothing', { nothingDone: true });
  const check = async (): Promise<ResizeState> => {
    const volume = await getToResize(core, name);
    refuseDeleting(volume, (volumeName) => `volume ${volumeName} is deleting`);
    requireManaged(volume.config, 'resized');
    const backend = await core.store.get('backend', backendUUID);
    if (backend === undefined)
      throw notFound('backend.not-found', `unable to find backend ${backendUUID} during volume resize`);
    requireBackend(backend.value, 'provision');
    return { name, backendUUID, bytes };
  };
  if (config.size === bytes) {
    await check();
    if (options.dryRun !== true) return getToResize(core, name);
  }
  await core.runner.run(saga, resizeLocks({ name, backendUUID }), check, options);
  return getToResize(core, name);
};
