import type { Context } from '../core/declaration.ts';
import { findText, flag, integer, text, texts, type Entry } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { aggregateSpace } from './aggregate.ts';
import { clusterOf } from './lookups.ts';
import { findCommonSnapshot } from './snapmirror-copy.ts';
import {
  findDestination,
  findSource,
  findVolumeAnywhere,
  missingDestination,
  parseEndpoint,
  type Endpoint,
} from './snapmirror-endpoint.ts';
import { DEFAULT_POLICY, isSynchronous, POLICY } from './snapmirror-policy.ts';
import { RELATIONSHIP, startTransfer } from './snapmirror-run.ts';
import { tellSource } from './snapmirror-source.ts';
import { checkCapacity } from './volume-checks.ts';
import { defaultPolicy } from './volume-create.ts';
import { newVolumeValues } from './volume-defaults.ts';

const CREATES = 'create_destination.enabled';

const destinationExists = () =>
  new Refusal(409, 13303868, 'The destination volume exists already.', 'create_destination');

const policyFor = (draft: Entry, world: World): string => {
  const given = findText(draft, 'policy');
  const found = given ?? world.store.by(POLICY, 'name', DEFAULT_POLICY)[0]?.$id;
  if (found === undefined) throw new Refusal(400, 13303819, 'There is no SnapMirror policy.', 'policy');
  if (text(world.store.get(POLICY, found), 'type') === 'continuous')
    throw new Refusal(400, 13303866, 'The policy is for object stores.', 'policy');
  return found;
};

/** The names in the body and those in the paths must be about the same. */
const checkNames = (
  draft: Entry,
  side: 'source' | 'destination',
  endpoint: { readonly svm: Entry; readonly world: World },
) => {
  const cluster = clusterOf(endpoint.world);
  const pairs = [
    [`${side}.svm.name`, text(endpoint.svm, 'name')],
    [`${side}.svm.uuid`, endpoint.svm.$id],
    [`${side}.cluster.name`, text(cluster, 'name')],
    [`${side}.cluster.uuid`, cluster.$id],
  ] as const;
  for (const [path, value] of pairs)
    if (draft[path] !== undefined && draft[path] !== value)
      throw new Refusal(400, 13303878, `"${path}" does not match "${side}.path".`, path);
  return Object.fromEntries(pairs);
};

/** A destination must be empty of its own data: a `dp` volume, or one that has been a mirror of the source before. */
const checkDestination = (volume: Entry, source: Endpoint, world: World) => {
  const name = text(volume, 'name');
  if (volume['style'] !== source.volume['style'])
    throw new Refusal(400, 13303841, `The volume "${name}" is not of the style of the source.`, 'destination.path');
  if (text(volume, 'type') === 'dp') return 'uninitialized';
  const svm = world.store.get('svm', text(volume, 'svm'));
  if (!findCommonSnapshot(source, { world, svm, volume }))
    throw new Refusal(400, 6619546, `The destination "${name}" must be a data protection volume.`, 'destination.path');
  return 'broken_off';
};

const checkState = (draft: Entry, policy: Entry) => {
  const state = findText(draft, 'state');
  if (state === undefined) return;
  if (!flag(draft, CREATES))
    throw new Refusal(400, 13303873, 'A state can only be given when the destination is created.', 'state');
  if (state !== (isSynchronous(policy) ? 'in_sync' : 'snapmirrored'))
    throw new Refusal(400, 13303874, `A relationship cannot be created in the state "${state}".`, 'state');
};

/** When the request arrives: the whole record of the destination's side. */
export const prepareRelationship = (draft: Entry, { world }: Context): Entry => {
  if (flag(draft, 'restore')) throw notSimulated('A restore relationship');
  if (draft['source.path'] === draft['destination.path'])
    throw new Refusal(400, 6619441, 'Source and destination are the same.', 'destination.path');
  const { svm, volume } = findDestination(text(draft, 'destination.path'), world);
  const cluster = findText(draft, 'source.cluster.name') ?? findText(draft, 'source.cluster.uuid');
  const source = findSource(text(draft, 'source.path'), cluster, svm, world);
  // What becomes of a unit in a copy of its volume is not documented.
  if ([world, source.world].some(({ personality }) => personality === 'asa-r2'))
    throw notSimulated('A mirror of storage units');
  if (!volume && !flag(draft, CREATES)) throw missingDestination(text(draft, 'destination.path'));
  if (volume && flag(draft, CREATES)) throw destinationExists();
  const state = volume ? checkDestination(volume, source, world) : 'uninitialized';
  const policy = policyFor(draft, world);
  checkState(draft, world.store.get(POLICY, policy));
  const schedule = findText(draft, 'transfer_schedule');
  if (schedule !== undefined && text(world.store.get('schedule', schedule), 'type') === 'interval')
    throw new Refusal(400, 6619714, 'A mirror cannot go by a schedule of intervals.', 'transfer_schedule');
  const key = volume?.$id ?? world.random.uuid('volume');
  const { state: wanted, [CREATES]: creates, 'create_destination.size': size, ...given } = draft;
  return {
    ...given,
    ...checkNames(draft, 'source', source),
    ...checkNames(draft, 'destination', { svm, world }),
    $id: draft.$id,
    $side: 'destination',
    $listed: 'destination',
    svm: svm.$id,
    $volume: key,
    $source: source.volume.$id,
    $destination: key,
    policy,
    state,
    healthy: true,
    group_type: text(source.volume, 'style') === 'flexgroup' ? 'flexgroup' : 'none',
    // Wishes that the job fulfils and forgets.
    ...(creates === true ? { $creates: true } : {}),
    ...(size === undefined ? {} : { $size: size }),
    ...(wanted === undefined ? {} : { $initialize: true }),
  };
};

const emptiest = (svm: Entry, world: World): string => {
  const delegated = texts(svm, 'aggregates');
  const candidates = delegated.length > 0 ? delegated : world.store.all('aggregate').map((entry) => entry.$id);
  const free = (id: string) => aggregateSpace(world.store.get('aggregate', id), world).available;
  const [best] = [...candidates].sort((a, b) => free(b) - free(a));
  if (best === undefined) throw new Refusal(400, 13303875, 'There is no aggregate for the destination volume.');
  return best;
};

/** A volume of the source's shape, thin, on the emptiest aggregate; a FlexGroup on all of the SVM's. */
const createDestination = (relationship: Entry, source: Endpoint, context: Context) => {
  const { world } = context;
  const svm = world.store.get('svm', text(relationship, 'svm'));
  const [, name] = parseEndpoint(text(relationship, 'destination.path'), 'destination');
  if (findDestination(text(relationship, 'destination.path'), world).volume) throw destinationExists();
  const parts = texts(source.volume, '$layout').length;
  const aggregates = text(source.volume, 'style') === 'flexgroup' ? texts(svm, 'aggregates') : [emptiest(svm, world)];
  const layout = Array.from({ length: parts }, (_, index) => aggregates[index % aggregates.length] ?? '');
  const $id = text(relationship, '$volume');
  const volume: Entry = {
    ...newVolumeValues(world),
    $id,
    uuid: $id,
    name,
    svm: svm.$id,
    size: integer(relationship, '$size') || integer(source.volume, 'size'),
    style: text(source.volume, 'style'),
    type: 'dp',
    'guarantee.type': 'none',
    'space.snapshot.reserve_percent': 0,
    aggregates: [...new Set(layout)],
    $layout: layout,
    snapshot_policy: world.store.by('snapshot_policy', 'name', 'none')[0]?.$id,
    'nas.export_policy': defaultPolicy(svm, world),
  };
  world.store.put('volume', volume);
  checkCapacity(volume, undefined, context);
  for (const { created } of world.reactionsTo('volume')) created?.(volume, context);
};

/** When the work is done: the source knows of the mirror, and a wanted destination is there. */
export const setUpRelationship = (entry: Entry, context: Context): void => {
  const { world } = context;
  const source = findVolumeAnywhere(text(entry, '$source'), world);
  if (!source) throw new Refusal(404, 917927, 'The source volume does not exist any more.', 'source.path');
  if (flag(entry, '$creates')) createDestination(entry, source, context);
  else if (!world.store.find('volume', text(entry, '$volume')))
    throw missingDestination(text(entry, 'destination.path'));
  const plain = world.store.change(RELATIONSHIP, entry.$id, {
    $creates: undefined,
    $size: undefined,
    $initialize: undefined,
  });
  tellSource(plain, source, world);
  if (flag(entry, '$initialize')) startTransfer(entry.$id, 'initialize', world);
};
