import { parseUserState } from '../drivers/common-config.ts';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Change, Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import { DryRun } from './dry-run.ts';
import type { BackendRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { commitFresh, getBackendByName } from './records.ts';
import { backendStates, transition, userStates } from './states.ts';

interface StateChange {
  readonly state: string;
  readonly userState: string;
}

const known: ReadonlySet<string> = new Set(['online', 'offline', 'deleting', 'failed']);

const withState = (backend: BackendRecord, text: string): BackendRecord => {
  const state = text.toLowerCase();
  if (state !== 'failed')
    throw new Problem(
      'backend.state-unsupported',
      'invalid',
      `unsupported backend state: ${known.has(state) ? state : 'unknown'}`,
      { hint: 'only failed can be set; updating the backend brings it back', nothingDone: true },
    );
  return backend.state === 'failed'
    ? backend
    : { ...backend, state: transition(backendStates, backend.name, backend.state, 'failed') };
};

/** BE-66: what the configuration says of it is not true any more. */
const withoutUserState = (config: JsonObject): JsonObject =>
  (config['userState'] ?? '') === '' ? config : { ...config, userState: '' };

/** BE-65 */
const withUserState = (backend: BackendRecord, text: string): BackendRecord => {
  const userState = parseUserState(text);
  if (userState === backend.userState) return backend;
  if (userState === 'suspended' && !['online', 'offline', 'failed'].includes(backend.state))
    throw new Problem(
      'backend.state',
      'conflict',
      `the backend '${backend.name}' is currently not in any of the expected states: offline, online, or failed. Its current state is '${backend.state}'`,
      { nothingDone: true },
    );
  return {
    ...backend,
    userState: transition(userStates, backend.name, backend.userState, userState),
    config: withoutUserState(backend.config),
    shownConfig: withoutUserState(backend.shownConfig),
  };
};

/** Sets one of the two states of a backend (BE-64 to BE-67). */
export const updateBackendState = async (
  core: Core,
  name: string,
  { state, userState }: StateChange,
  options: CallOptions,
): Promise<BackendRecord> => {
  if ((state === '') === (userState === ''))
    throw new Problem('backend.one-state', 'invalid', 'exactly one of backendState or userBackendState must be set', {
      nothingDone: true,
    });
  const edit = ({ value }: Stored<BackendRecord>): BackendRecord =>
    state === '' ? withUserState(value, userState) : withState(value, state);
  if (options.dryRun === true) {
    const after = edit(await getBackendByName(core.store, name));
    throw new DryRun([`set backend ${name} to ${state === '' ? after.userState : after.state}`]);
  }
  options.signal.throwIfAborted();
  await commitFresh(
    (changes) => core.journal.note('backend.update-state', `backend ${name}`, changes),
    async (): Promise<readonly Change[]> => {
      const backend = await getBackendByName(core.store, name);
      const put = edit(backend);
      return put === backend.value ? [] : [{ kind: 'backend', put, revision: backend.revision }];
    },
  );
  const after = (await getBackendByName(core.store, name)).value;
  if (after.state === 'failed') core.drivers.drop(after.uuid);
  return after;
};
