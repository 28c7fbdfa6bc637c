import { requireAddressable } from '../object-names.ts';
import { Problem } from '../problem.ts';
import type { Change, Stored } from '../store/store.ts';
import { forEachOf, reconcileAccess } from './access.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { DryRun } from './dry-run.ts';
import type { BackendRecord, NodeRecord } from './model.ts';
import type { CallOptions, NodeStateFlags } from './orchestrator.ts';
import { notFound } from './problems.ts';
import { commitFresh, getNode } from './records.ts';
import { nextPublicationState, publicationStates, transition } from './states.ts';

const nodeLocks = (name: string) => ({ exclusive: [locks.node(name)], shared: [] });

/** Reconciles access under the backend's own lock; backends that are gone meanwhile need nothing. */
const reconcileBackends = (core: Core, uuids: readonly string[], options: CallOptions): Promise<void> =>
  forEachOf(uuids, (uuid) =>
    core.runner.locked(
      { exclusive: [locks.backend(uuid)], shared: [] },
      async (signal) => {
        const backend = await core.store.get('backend', uuid);
        if (backend !== undefined) await reconcileAccess(core, backend, { signal });
      },
      options,
    ),
  );

/** Backends that have a say when a node changes: those it has volumes of, and those that admit every node. */
const backendsOf = async (core: Core, node: string): Promise<readonly string[]> => {
  const publications = await core.store.list('publication', { index: 'node', value: node });
  const used = new Set(publications.map(({ value }) => value.backendUUID));
  const backends = await core.store.list('backend');
  const affected = await Promise.all(
    backends.map(async (backend: Stored<BackendRecord>) => {
      if (backend.value.state !== 'online' && backend.value.state !== 'deleting') return [];
      const admitsAll = await core.drivers.use(backend, ({ manifest }) => !manifest.enforcesAccess);
      return admitsAll || used.has(backend.value.uuid) ? [backend.value.uuid] : [];
    }),
  );
  return affected.flat();
};

const reachOf = ({ ips, iqn, nqn, hostWWPNMap }: NodeRecord): string => JSON.stringify([ips, iqn, nqn, hostWWPNMap]);

/**
 * Adds a node or refreshes what is known of it (NODE-2). Its publication state is kept when it was known, and is clean
 * when nothing is said (NODE-3). Access rules follow when its addresses changed.
 */
export const registerNode = async (core: Core, node: NodeRecord, options: CallOptions): Promise<NodeRecord> => {
  const { name } = node;
  if (name === '')
    throw new Problem('node.incomplete', 'invalid', 'the following fields for "Node" are mandatory: name');
  requireAddressable('node', name, 'name');
  if (options.dryRun === true) throw new DryRun([`register node ${name}`]);
  const { record, before } = await core.runner.locked(
    nodeLocks(name),
    async () => {
      let put = node;
      let known: Stored<NodeRecord> | undefined;
      await commitFresh(
        (changes) => core.journal.note('node.register', `node ${name}`, changes),
        async () => {
          known = await core.store.get('node', name);
          put = { ...node, publicationState: known?.value.publicationState ?? node.publicationState };
          const isAsBefore = JSON.stringify(known?.value) === JSON.stringify(put);
          return isAsBefore ? [] : [{ kind: 'node', put, revision: known?.revision ?? 'new' }];
        },
      );
      return { record: put, before: known?.value };
    },
    options,
  );
  if (before === undefined || reachOf(before) !== reachOf(record))
    await reconcileBackends(core, await backendsOf(core, name), options);
  return record;
};

/** Moves a node's publication state along table 19.2; flags that no row of it fits change nothing. */
export const updateNodeState = async (core: Core, name: string, flags: NodeStateFlags): Promise<NodeRecord> => {
  await commitFresh(
    (changes) => core.journal.note('node.update-state', `node ${name}`, changes),
    async () => {
      const { value, revision } = await getNode(core.store, name);
      const publicationState = transition(
        publicationStates,
        name,
        value.publicationState,
        nextPublicationState(value.publicationState, flags),
      );
      return publicationState === value.publicationState
        ? []
        : [{ kind: 'node', put: { ...value, publicationState }, revision }];
    },
  );
  return (await getNode(core.store, name)).value;
};

/**
 * Removes a node, or marks it deleted while volumes are published to it (NODE-20). A volume may be deleted meanwhile, since
 * that takes no lock of its nodes: with the mark its publications are written anew, so that of the two whoever commits
 * second looks again.
 */
export const removeNode = async (core: Core, name: string, options: CallOptions): Promise<void> => {
  const missing = (): Problem => notFound('node.not-found', `node ${name} not found`);
  const isGone = await core.runner.locked(
    nodeLocks(name),
    async () => {
      let left = 0;
      const plan = async (): Promise<readonly Change[]> => {
        const node = await core.store.get('node', name);
        if (node === undefined) throw missing();
        const { value, revision } = node;
        const published = await core.store.list('publication', { index: 'node', value: name });
        left = published.length;
        if (left === 0) return [{ kind: 'node', remove: name, revision }];
        if (value.deleted) return [];
        const touched = published.map((one): Change => ({
          kind: 'publication',
          put: one.value,
          revision: one.revision,
        }));
        return [{ kind: 'node', put: { ...value, deleted: true }, revision }, ...touched];
      };
      if (options.dryRun === true) {
        await plan();
        throw new DryRun([
          left === 0
            ? `remove node ${name}`
            : `mark node ${name} as deleted; it goes with the last of its ${left} volumes`,
        ]);
      }
      await commitFresh((changes) => core.journal.note('node.delete', `node ${name}`, changes), plan);
      return left === 0;
    },
    options,
  );
  if (isGone) await reconcileBackends(core, await backendsOf(core, name), options);
};
