import { restoreContents, transplantContents } from '../core/contents.ts';
import { flag, integer, text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { retainedLabels } from './snapmirror-policy.ts';
import type { Endpoint } from './snapmirror-endpoint.ts';
import { clonesOn } from './snapshot.ts';
import { addSnapshot, freeSnapshotName } from './snapshot-make.ts';
import { checkCapacity } from './volume-checks.ts';
import { dataValues, dropSnapshot } from './volume-data.ts';
import { heldIn } from './volume-contents.ts';

const SNAPSHOT = 'snapshot';
/** The base of the last transfer and the one before it. */
const BASES_KEPT = 2;

export const snapshotsOf = ({ volume, world }: Endpoint): readonly Entry[] =>
  world.store.by(SNAPSHOT, 'volume', volume.$id);

const versionsOf = (side: Endpoint) => new Set(snapshotsOf(side).map((snapshot) => snapshot['version_uuid']));

/** The newest snapshot that both sides have, as the destination's record. */
export const findCommonSnapshot = (source: Endpoint, destination: Endpoint): Entry | undefined => {
  const versions = versionsOf(source);
  return snapshotsOf(destination).findLast((snapshot) => versions.has(snapshot['version_uuid']));
};

/** Snapshots that a mirror makes by itself, at the source of each transfer. */
const baseName = (destination: Endpoint): string => {
  const time = destination.world.clock.text().slice(0, 19).replace('T', '_').replaceAll(':', '');
  return `snapmirror.${destination.svm.$id}_${String(destination.volume['msid'])}.${time}`;
};

const isBase = (snapshot: Entry, destination: Endpoint) =>
  text(snapshot, 'name').startsWith(`snapmirror.${destination.svm.$id}_${String(destination.volume['msid'])}.`);

/** Makes the base of a transfer at the source; within one second there is one. */
export const makeBase = (source: Endpoint, destination: Endpoint): Entry => {
  const name = freeSnapshotName(source.volume, baseName(destination), source.world);
  return addSnapshot(source.volume, name, source.world, {});
};

/** While a mirror needs a snapshot of its source, the snapshot cannot go. */
export const hold = (snapshot: Entry, relationship: string, world: World): void => {
  const holders = texts(snapshot, '$mirrors');
  if (!holders.includes(relationship))
    world.store.change(SNAPSHOT, snapshot.$id, { $mirrors: [...holders, relationship] });
};

/** The mirror needs none of the source's snapshots but one; those that it made go. */
export const release = (
  relationship: string,
  source: Endpoint,
  keep: { readonly version: string | undefined; readonly madeSnapshots: boolean },
): void => {
  for (const snapshot of snapshotsOf(source)) {
    const holders = texts(snapshot, '$mirrors');
    if (!holders.includes(relationship) || snapshot['version_uuid'] === keep.version) continue;
    const others = holders.filter((holder) => holder !== relationship);
    const made = text(snapshot, 'name').startsWith('snapmirror.');
    if (made && others.length === 0 && !keep.madeSnapshots && clonesOn(snapshot.$id, source.world).length === 0)
      dropSnapshot(snapshot, source.world);
    else source.world.store.change(SNAPSHOT, snapshot.$id, { $mirrors: others.length === 0 ? undefined : others });
  }
};

/** Bytes that a transfer up to a snapshot moves: all at first, later what has grown since the common snapshot. */
export const bytesToMove = (base: Entry, common: Entry | undefined): number => {
  const whole = integer(base, '$volume_used');
  return common ? Math.abs(whole - integer(common, '$volume_used')) : whole;
};

/** The source's snapshots that the policy wants at the destination, oldest first. */
const wantedSnapshots = (source: Endpoint, base: Entry, policy: Entry): readonly Entry[] => {
  const upTo = snapshotsOf(source).filter((snapshot) => integer(snapshot, '$order') <= integer(base, '$order'));
  if (flag(policy, 'copy_all_source_snapshots') || text(policy, 'type') === 'sync') return upTo;
  const labels = retainedLabels(policy);
  return upTo.filter((snapshot) => snapshot.$id === base.$id || labels.has(text(snapshot, 'snapmirror_label')));
};

/** Copies what the destination lacks. */
const copySnapshots = (wanted: readonly Entry[], destination: Endpoint) => {
  const { world, volume } = destination;
  const there = versionsOf(destination);
  for (const snapshot of wanted) {
    if (there.has(snapshot['version_uuid'])) continue;
    const named = snapshotsOf(destination).find((each) => each['name'] === snapshot['name']);
    if (named) world.store.remove(SNAPSHOT, named.$id);
    addSnapshot(volume, text(snapshot, 'name'), world, {
      create_time: snapshot['create_time'],
      version_uuid: snapshot['version_uuid'],
      ...(snapshot['comment'] === undefined ? {} : { comment: snapshot['comment'] }),
      ...(snapshot['snapmirror_label'] === undefined ? {} : { snapmirror_label: snapshot['snapmirror_label'] }),
      $origin: snapshot['$origin'] ?? snapshot['volume'],
      $volume_used: snapshot['$volume_used'],
      logical_size: snapshot['logical_size'],
      size: snapshot['size'],
      $contents: transplantContents('volume', volume, snapshot['$contents'], world),
    });
  }
};

/** Drops what the policy does not keep; what a clone stands on stays. */
const prune = (source: Endpoint, destination: Endpoint, policy: Entry) => {
  const { world } = destination;
  const drop = (snapshot: Entry) => {
    if (clonesOn(snapshot.$id, world).length === 0) world.store.remove(SNAPSHOT, snapshot.$id);
  };
  const bases = snapshotsOf(destination).filter((snapshot) => isBase(snapshot, destination));
  for (const snapshot of bases.slice(0, -BASES_KEPT)) drop(snapshot);
  if (flag(policy, 'copy_all_source_snapshots')) {
    const versions = versionsOf(source);
    for (const snapshot of snapshotsOf(destination))
      if (!isBase(snapshot, destination) && !versions.has(snapshot['version_uuid'])) drop(snapshot);
  }
  for (const [label, count] of retainedLabels(policy)) {
    const labelled = snapshotsOf(destination).filter((snapshot) => snapshot['snapmirror_label'] === label);
    for (const snapshot of labelled.slice(0, Math.max(0, labelled.length - count))) drop(snapshot);
  }
};

/** Takes a broken-off destination back to a snapshot that both sides have; what is newer goes. */
const rewind = (common: Entry, destination: Endpoint) => {
  const { world } = destination;
  const newer = snapshotsOf(destination).filter((snapshot) => integer(snapshot, '$order') > integer(common, '$order'));
  const busy = newer.find((snapshot) => clonesOn(snapshot.$id, world).length > 0);
  if (busy)
    throw new Refusal(
      409,
      13303810,
      `The newer snapshot "${text(busy, 'name')}" of the destination is busy because of a volume clone.`,
    );
  for (const snapshot of newer) world.store.remove(SNAPSHOT, snapshot.$id);
};

/** The destination takes over size and data of the source as they were at the base. Refused when there is no space. */
export const copyVolume = (
  source: Endpoint,
  destination: Endpoint,
  base: Entry,
  policy: Entry,
  rewindTo: Entry | undefined,
): void => {
  const { world } = destination;
  const before = world.store.get('volume', destination.volume.$id);
  const after = world.store.change('volume', before.$id, {
    size: source.volume['size'],
    $used: integer(base, '$volume_used'),
    $snapshots_used: integer(source.volume, '$snapshots_used'),
    type: 'dp',
    $initialized: true,
  });
  try {
    checkCapacity(after, before, { world });
    if (rewindTo) rewind(rewindTo, destination);
  } catch (cause) {
    world.store.put('volume', before);
    throw cause;
  }
  copySnapshots(wantedSnapshots(source, base, policy), destination);
  prune(source, destination, policy);
  const contents = snapshotsOf(destination).find((each) => each['version_uuid'] === base['version_uuid'])?.[
    '$contents'
  ];
  restoreContents('volume', after, contents, world);
  const held = heldIn(after.$id, world);
  world.store.change('volume', after.$id, {
    ...dataValues(after, integer(base, '$volume_used'), world),
    $held: held === 0 ? undefined : held,
  });
};
