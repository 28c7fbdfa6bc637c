import type { Moves, MoveStatus, MoveWish } from '../drivers/moves.ts';
import { Problem } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { DryRun } from './dry-run.ts';
import type { BackendRecord } from './model.ts';
import type { CallOptions, MoveView } from './orchestrator.ts';
import { commitFresh, getBackend, getVolume, handleOf, inPool, refuseDeleting, requireManaged } from './records.ts';
import { refuseView } from './snapshot-records.ts';
import { requireBackend } from './states.ts';

/**
 * Moves of volumes within their backend (MOV-3 to MOV-8), without the Kubernetes objects and the steps on nodes that stock
 * drives them by. They converge: the array copies for as long as it takes, and whoever asks again learns how it stands and
 * brings the record in line at the end. Nothing is left in the journal that would have to be waited for.
 */

const find = async (core: Core, name: string) => {
  const volume = (await getVolume(core.store, name, (text) => `volume ${text} was not found`)).value;
  refuseDeleting(volume, (text) => `volume ${text} is deleting`);
  requireManaged(volume.config, 'moved');
  refuseView(volume, 'cannot be moved', ({ cloneSourceVolume }) => `move volume ${cloneSourceVolume} instead`);
  const backend = await getBackend(core.store, volume.backendUUID);
  requireBackend(backend.value, 'provision');
  return { volume, backend };
};

/** @throws Problem `move.unsupported`, worded as in stock */
const useMoves = <T>(core: Core, backend: Stored<BackendRecord>, action: (moves: Moves) => Promise<T>): Promise<T> =>
  core.drivers.use(backend, ({ moves }) => {
    if (moves !== undefined) return action(moves);
    throw new Problem(
      'move.unsupported',
      'unsupported',
      `volume move is not implemented by backends of type ${backend.value.driver}`,
      { nothingDone: true },
    );
  });

/** Where pools are places, a volume that has moved is in another pool. In a virtual pool it stays. */
const record = (core: Core, name: string, { value }: Stored<BackendRecord>, { state, pool }: MoveStatus) =>
  commitFresh(
    (changes) => core.journal.note('volume.move', `volume ${name}`, changes),
    async () => {
      const volume = await core.store.get('volume', name);
      const place = value.pools.find((each) => each.name === pool);
      if (state !== 'moved' || volume === undefined || place === undefined) return [];
      return inPool(core.store, volume, place);
    },
  );

/** Starts a move, goes on with one, or records its end. */
export const moveVolume = async (core: Core, name: string, wish: MoveWish, options: CallOptions): Promise<MoveView> => {
  if (wish.targetPool === '')
    throw new Problem('move.target', 'invalid', 'it is not said where the volume is to go', {
      path: ['targetPool'],
      nothingDone: true,
    });
  const { backend } = await find(core, name);
  const what = `move volume ${name} to ${wish.targetPool}`;
  return core.runner.locked(
    { exclusive: [locks.volume(name)], shared: [locks.backend(backend.value.uuid)] },
    async (signal) => {
      const { volume } = await find(core, name);
      const status = await useMoves(core, backend, (moves) => {
        if (options.dryRun === true) throw new DryRun([what]);
        options.progress?.(what);
        return moves.move(handleOf(volume), wish, signal);
      });
      await record(core, name, backend, status);
      return { volume: name, ...status };
    },
    options,
  );
};

/** Asks the array; nothing is changed. */
export const readMove = async (core: Core, name: string, { signal }: CallOptions): Promise<MoveView> => {
  const { volume, backend } = await find(core, name);
  return { volume: name, ...(await useMoves(core, backend, (moves) => moves.status(handleOf(volume), signal))) };
};
