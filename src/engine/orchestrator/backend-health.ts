import { isDeepStrictEqual } from 'node:util';
import type { Discovery } from '../drivers/driver.ts';
import { messageOf } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import type { BackendRecord } from './model.ts';
import { commitFresh, editBackend } from './records.ts';
import { backendStates, transition } from './states.ts';

/** What the array says of itself: empty reason for healthy. Not answering is an answer. */
const lookAt = async (
  core: Core,
  backend: Stored<BackendRecord>,
  signal: AbortSignal,
): Promise<{ readonly reason: string; readonly discovery?: Discovery }> => {
  try {
    return await core.drivers.use(backend, (driver) => driver.checkHealth(signal));
  } catch (error) {
    signal.throwIfAborted();
    return { reason: messageOf(error) };
  }
};

const changed = (record: BackendRecord, discovery: Discovery): boolean =>
  JSON.stringify([record.pools, record.facts, record.shownConfig]) !==
  JSON.stringify([discovery.pools, discovery.facts, discovery.shownConfig]);

/**
 * Writes what the array said (BE-82 to BE-84); nothing when it is as before, or when the state is the user's (BE-85), or
 * when the backend was updated since: it was asked by another configuration then.
 */
const recordHealth = (
  core: Core,
  { uuid, config }: BackendRecord,
  { reason, discovery }: { readonly reason: string; readonly discovery?: Discovery },
): Promise<void> =>
  commitFresh(
    (changes) => core.store.commit(changes),
    () =>
      editBackend(core.store, uuid, (record) => {
        if (record.state === 'deleting' || record.state === 'failed') return undefined;
        if (!isDeepStrictEqual(record.config, config)) return undefined;
        const state = transition(backendStates, record.name, record.state, reason === '' ? 'online' : 'offline');
        const isNews = discovery !== undefined && reason === '' && changed(record, discovery);
        if (state === record.state && reason === record.stateReason && !isNews) return undefined;
        const { pools, facts, shownConfig } = isNews ? discovery : record;
        return { ...record, state, stateReason: reason, pools, facts, shownConfig };
      }),
  );

/** Asks the array how it is, and puts on record what it says. */
export const checkHealth = async (core: Core, backend: Stored<BackendRecord>, signal: AbortSignal): Promise<void> =>
  recordHealth(core, backend.value, await lookAt(core, backend, signal));
