import { isDeepStrictEqual } from 'node:util';
import type { Driver } from '../drivers/driver.ts';
import type { AccessChange, AccessExpectation, AccessFinding, HandleChange } from '../drivers/objects.ts';
import { messageOf } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import { checkHealth } from './backend-health.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import type { BackendRecord, NodeRecord, VolumeRecord } from './model.ts';
import { nodesOf } from './nodes-of.ts';
import type { AccessRepair, CallOptions } from './orchestrator.ts';
import { combineProblems, wrapProblem } from './problems.ts';
import { commitFresh, editVolume, getBackend, getBackendByName, handleOf } from './records.ts';
import { requireBackend } from './states.ts';

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

const recordHandles = ({ store }: Core, { handles = [] }: AccessChange): Promise<void> =>
  commitFresh(
    (changes) => store.commit(changes),
    async () => {
      const edits = new Map<string, readonly HandleChange[]>();
      for (const change of handles) edits.set(change.volume, [...(edits.get(change.volume) ?? []), change]);
      const changes = [...edits].map(([name, own]) =>
        editVolume(store, name, (record) => {
          const ref = own.reduce((before, { edit }) => edit(before), record.ref);
          return isDeepStrictEqual(ref, record.ref) ? undefined : { ...record, ref };
        }),
      );
      return (await Promise.all(changes)).flat();
    },
  );

/**
 * Makes the changes that can be made: one that fails stops no other that grants access, and nothing is revoked when
 * somebody did not get what they need. @throws one Problem for all that failed
 */
const applyChanges = async (core: Core, findings: readonly AccessFinding[], signal: AbortSignal): Promise<void> => {
  const failures: unknown[] = [];
  for (const kind of ['grant', 'revoke'] as const)
    for (const change of findings) {
      if (change.kind !== kind || (kind === 'revoke' && failures.length > 0)) continue;
      try {
        if (kind === 'grant') await recordHandles(core, change);
        await change.apply(signal);
        if (kind === 'revoke') await recordHandles(core, change);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
      }
    }
  if (failures.length === 0) return;
  throw combineProblems('access.failed', failures.map(messageOf).join('; '), failures, { nothingDone: false });
};

/** What would bring the access rules of a backend in line with the publications on record. Changes nothing. */
export const findAccessChanges = async (
  core: Core,
  backend: BackendRecord,
  driver: Driver,
  signal: AbortSignal,
): Promise<readonly AccessFinding[]> => {
  const expected = await expectationsOf(core, backend);
  const nodes = await nodesFor(core, driver.manifest.enforcesAccess, expected);
  return driver.planAccess(expected, nodes, signal);
};

/**
 * Brings the access rules of a backend in line with the publications on record, or with `dryRun` only says how. The
 * caller holds the backend's lock alone, so that nobody publishes meanwhile.
 */
export const reconcileAccess = async (
  core: Core,
  backend: Stored<BackendRecord>,
  { signal, dryRun }: Pick<CallOptions, 'signal' | 'dryRun'>,
): Promise<AccessRepair> => {
  const { state, name } = backend.value;
  if (state !== 'online' && state !== 'deleting') return { changes: [], leftAlone: [] };
  try {
    return await core.drivers.use(backend, async (driver) => {
      const findings = await findAccessChanges(core, backend.value, driver, signal);
      if (dryRun !== true) await applyChanges(core, findings, signal);
      const textsOf = (isKept: boolean) =>
        findings.filter(({ kind }) => (kind === 'leftAlone') === isKept).map(({ text }) => text);
      return { changes: textsOf(false), leftAlone: textsOf(true) };
    });
  } catch (error) {
    signal.throwIfAborted();
    throw wrapProblem(
      'backend.access',
      (text) => `unable to update node access rules on backend ${name}; ${text}`,
      error,
    );
  }
};

/** A backend that was not reached when it was looked at last is looked at again, so that it is used if it is back. */
const getAgain = async (
  core: Core,
  uuid: string,
  { signal, dryRun, progress }: CallOptions,
): Promise<Stored<BackendRecord>> => {
  const backend = await getBackend(core.store, uuid);
  if (backend.value.state !== 'offline' || dryRun === true) return backend;
  progress?.(`look whether backend ${backend.value.name} is back`);
  await checkHealth(core, backend, signal);
  return getBackend(core.store, uuid);
};

/** Looks for drift in the access rules of one backend and repairs it; with `dryRun` only says what would be done. */
export const repairAccess = async (core: Core, name: string, options: CallOptions): Promise<AccessRepair> => {
  const { uuid } = (await getBackendByName(core.store, name)).value;
  return core.runner.locked(
    { exclusive: [locks.backend(uuid)], shared: [] },
    async (signal) => {
      const backend = await getAgain(core, uuid, { ...options, signal });
      requireBackend(backend.value, 'publish');
      options.progress?.(`look at the access rules of backend ${name}`);
      const repair = await reconcileAccess(core, backend, { ...options, signal });
      if (options.dryRun !== true && repair.changes.length > 0)
        await core.journal.note('access.repair', `backend ${name}`, []);
      return repair;
    },
    options,
  );
};

/** Calls `action` for each item, all of them whatever fails. @throws one Problem for all that failed */
export const forEachOf = async <T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> => {
  const results = await Promise.allSettled(items.map(action));
  const failures = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length === 0) return;
  throw combineProblems('backends.failed', failures.map(messageOf).join('; '), failures, { nothingDone: false });
};
