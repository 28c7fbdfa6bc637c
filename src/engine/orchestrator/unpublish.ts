import type { Published } from '../drivers/objects.ts';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Change } from '../store/store.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readState } from './json-state.ts';
import { publicationId } from './model.ts';
import { nodesOf } from './nodes-of.ts';
import type { CallOptions } from './orchestrator.ts';
import { publicationLocks, withPublished } from './publish.ts';
import { editVolume, getBackend, getNode, handleOf } from './records.ts';
import type { FollowUp, Saga } from './saga.ts';
import { requireBackend } from './states.ts';

export interface UnpublishState {
  readonly volume: string;
  readonly node: string;
  readonly backendUUID: string;
  readonly published?: Published;
}

const decode = (json: JsonObject): UnpublishState => {
  const state = readState(json);
  return { volume: state.text('volume'), node: state.text('node'), backendUUID: state.text('backendUUID') };
};

const revoke = async (
  core: Core,
  { volume: name, node: nodeName, backendUUID }: UnpublishState,
  signal: AbortSignal,
): Promise<Partial<UnpublishState>> => {
  const volume = (await core.store.get('volume', name))?.value;
  if (volume === undefined) return {};
  const node = await getNode(core.store, nodeName);
  const backend = await getBackend(core.store, backendUUID);
  const remaining = await nodesOf(core.store, volume, nodeName);
  try {
    const request = { volume: handleOf(volume), node: node.value, remaining };
    return { published: await core.drivers.use(backend, (driver) => driver.unpublish(request, signal)) };
  } catch (error) {
    // PUB-34: what is gone gives nobody access.
    if (Problem.is(error) && error.kind === 'notFound') return {};
    throw error;
  }
};

/** Goes forward: access is revoked until the array says so, and only then is the record removed. */
export const unpublishSaga = (core: Core): Saga<UnpublishState> => ({
  kind: 'publication.unpublish',
  subject: ({ volume, node }) => `publication of volume ${volume} to node ${node}`,
  locks: publicationLocks,
  decode,
  steps: [
    {
      name: 'revoke',
      describe: ({ volume, node }) => `take access to volume ${volume} from node ${node}`,
      run: (state, { signal }) => revoke(core, state, signal),
      async records(state): Promise<readonly Change[]> {
        const { published } = state;
        const volume = await editVolume(core.store, state.volume, (record) =>
          published === undefined ? undefined : withPublished(record, published),
        );
        return [...volume, { kind: 'publication', remove: publicationId(state) }];
      },
    },
  ],
  followUps: ({ node }) => followUnpublish(core, node),
});

/** NODE-21: a node that was deleted while it had volumes goes with the last of them. */
export const followUnpublish = async ({ store }: Core, node: string): Promise<readonly FollowUp[]> => {
  const record = await store.get('node', node);
  return record?.value.deleted === true ? [nodeCollect(node)] : [];
};

/** Takes a node's access to a volume away (PUB-30 to PUB-35). What is not published needs nothing. */
export const unpublishVolume = async (
  core: Core,
  saga: Saga<UnpublishState>,
  volume: string,
  node: string,
  options: CallOptions,
): Promise<void> => {
  const existing = await core.store.get('publication', publicationId({ volume, node }));
  if (existing === undefined) return;
  const { backendUUID } = existing.value;
  const check = async (): Promise<UnpublishState> => {
    await getNode(core.store, node);
    const backend = await getBackend(core.store, backendUUID);
    requireBackend(backend.value, 'release');
    return { volume, node, backendUUID };
  };
  await core.runner.run(saga, publicationLocks({ volume, node, backendUUID }), check, options);
};

/** A node that is to go when nothing is published to it any more. */
export interface CollectNodeState {
  readonly subject: string;
  readonly name: string;
}

/** The removal, to be done by whoever reads the journal, of a node that is marked and perhaps has no volumes. */
export const nodeCollect = (name: string): FollowUp => ({
  kind: 'node.collect',
  state: { subject: `node ${name}`, name } satisfies CollectNodeState,
});

export const nodeCollectSaga = (core: Core): Saga<CollectNodeState> => ({
  kind: 'node.collect',
  subject: ({ subject }) => subject,
  locks: ({ name }) => ({ exclusive: [locks.node(name)], shared: [] }),
  decode(json) {
    const state = readState(json);
    return { subject: state.text('subject'), name: state.text('name') };
  },
  steps: [
    {
      name: 'remove',
      describe: ({ name }) => `remove node ${name} if nothing is published to it`,
      async run() {
        // Nothing outside the store; being a final step makes recovery go forward.
        return {};
      },
      async records({ name }): Promise<readonly Change[]> {
        const node = await core.store.get('node', name);
        if (node?.value.deleted !== true) return [];
        const left = await core.store.count('publication', { index: 'node', value: name });
        return left > 0 ? [] : [{ kind: 'node', remove: name, revision: node.revision }];
      },
    },
  ],
});
