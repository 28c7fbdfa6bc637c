import type { AccessExpectation } from '../drivers/driver.ts';
import { messageOf } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import type { BackendRecord, NodeRecord, VolumeRecord } from './model.ts';
import { nodesOf } from './nodes-of.ts';
import { combineProblems, wrapProblem } from './problems.ts';
import { handleOf } from './records.ts';

/** Who must have access on a backend: every published volume of it with its nodes. */
const expectationsOf = async (core: Core, backend: BackendRecord): Promise<readonly AccessExpectation[]> => {
  const publications = await core.store.list('publication', { index: 'backend', value: backend.uuid });
  const names = [...new Set(publications.map(({ value }) => value.volume))];
  const volumes = await Promise.all(names.map((name) => core.store.get('volume', name)));
  const known = volumes.flatMap((volume): VolumeRecord[] => (volume === undefined ? [] : [volume.value]));
  return Promise.all(
    known.map(async (volume) => ({
      volume: handleOf(volume),
      nodes: await nodesOf(core.store, volume, undefined),
    })),
  );
};

/** A backend that enforces access per node gets the nodes it has publications to, any other all nodes (NA-2). */
const nodesFor = async (
  core: Core,
  enforcesAccess: boolean,
  expected: readonly AccessExpectation[],
): Promise<readonly NodeRecord[]> => {
  if (!enforcesAccess)
    return (await core.store.list('node')).map(({ value }) => value).filter(({ deleted }) => !deleted);
  return [...new Map(expected.flatMap(({ nodes }) => nodes).map((node) => [node.name, node])).values()];
};

/**
 * Brings the access rules of a backend in line with the publications on record. The caller holds the backend's lock
 * alone, so that nobody publishes meanwhile. Returns what was changed, one line each.
 */
export const reconcileAccess = async (
  core: Core,
  backend: Stored<BackendRecord>,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const { state, name } = backend.value;
  if (state !== 'online' && state !== 'deleting') return [];
  const expected = await expectationsOf(core, backend.value);
  try {
    return await core.drivers.use(backend, async (driver) =>
      driver.reconcileAccess(expected, await nodesFor(core, driver.manifest.enforcesAccess, expected), signal),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw wrapProblem(
      'backend.access',
      (text) => `unable to update node access rules on backend ${name}; ${text}`,
      error,
    );
  }
};

/** Calls `action` for each item, all of them whatever fails. @throws one Problem for all that failed */
export const forEachOf = async <T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> => {
  const results = await Promise.allSettled(items.map(action));
  const failures = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length === 0) return;
  throw combineProblems('backends.failed', failures.map(messageOf).join('; '), failures, { nothingDone: false });
};
