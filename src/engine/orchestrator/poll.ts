import { Problem } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import type { AccessLooks } from './access-looks.ts';
import { forEachOf, reconcileAccess } from './access.ts';
import { checkHealth } from './backend-health.ts';
import { backendCollect } from './backend-remove.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import type { BackendRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import type { FollowUp } from './saga.ts';
import { nodeCollect } from './unpublish.ts';
import { volumeCollect } from './volume-remove.ts';

/**
 * Nobody may publish while access is reconciled, so it takes the backend for itself; when the backend is busy for longer
 * than a command would wait, the next pass does it.
 */
const repairAccess = async (core: Core, looks: AccessLooks, uuid: string, options: CallOptions): Promise<void> => {
  const known = await core.store.get('backend', uuid);
  if (known === undefined) return;
  const mark = await looks.markOf(known.value);
  if (!looks.isDue(uuid, mark)) return;
  const { changes } = await core.runner.locked(
    { exclusive: [locks.backend(uuid)], shared: [] },
    async (signal) => {
      const backend = await core.store.get('backend', uuid);
      return backend === undefined ? { changes: [] } : reconcileAccess(core, backend, { signal });
    },
    options,
  );
  for (const line of changes) options.progress?.(line);
  // What was repaired is looked at once more.
  if (changes.length === 0) looks.inOrder(uuid, mark);
};

const pollBackend = async (
  core: Core,
  looks: AccessLooks,
  backend: Stored<BackendRecord>,
  options: CallOptions,
): Promise<void> => {
  const { uuid, state } = backend.value;
  if (state === 'failed') return;
  if (state !== 'deleting') await checkHealth(core, backend, options.signal);
  await repairAccess(core, looks, uuid, options);
};

/** Deletions that wait for something that is gone: normally none, since each deletion looks after what it held. */
const waiting = async ({ store }: Core): Promise<readonly FollowUp[]> => {
  const volumes = (await store.list('volume')).filter(({ value }) => value.state === 'deleting');
  const free = await Promise.all(
    volumes.map(async ({ value }) =>
      (await store.count('snapshot', { index: 'volume', value: value.config.name })) === 0
        ? [volumeCollect(value)]
        : [],
    ),
  );
  const backends = (await store.list('backend')).filter(({ value }) => value.state === 'deleting');
  const empty = await Promise.all(
    backends.map(async ({ value }) =>
      (await store.count('volume', { index: 'backend', value: value.uuid })) === 0 ? [backendCollect(value)] : [],
    ),
  );
  const nodes = (await store.list('node')).filter(({ value }) => value.deleted);
  const unused = await Promise.all(
    nodes.map(async ({ value }) =>
      (await store.count('publication', { index: 'node', value: value.name })) === 0 ? [nodeCollect(value.name)] : [],
    ),
  );
  return [...free.flat(), ...empty.flat(), ...unused.flat()];
};

/**
 * One pass: recovery, then health, pools and, where they are due, access rules of every backend, then deletions that nobody
 * holds up any more. Each backend on its own. @throws one Problem for all backends that failed
 */
export const pollBackends = async (
  core: Core,
  looks: AccessLooks,
  recover: () => Promise<unknown>,
  runLeftOver: (followUp: FollowUp) => Promise<void>,
  options: CallOptions,
): Promise<void> => {
  await recover();
  const backends = await core.store.list('backend');
  const uuids = backends.map(({ value }) => value.uuid);
  looks.keep(uuids);
  core.drivers.keep(uuids);
  try {
    await forEachOf(backends, (backend) => pollBackend(core, looks, backend, options));
  } finally {
    if (!options.signal.aborted) for (const followUp of await waiting(core)) await runLeftOver(followUp);
  }
  options.signal.throwIfAborted();
};

/** Refuses what cannot be planned: a pass has no plan. */
export const refuseDryRun = (options: CallOptions): void => {
  if (options.dryRun === true)
    throw new Problem('poll.no-plan', 'usage', 'this has no plan that could be shown without doing it');
};
