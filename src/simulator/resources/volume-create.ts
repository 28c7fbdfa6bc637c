import type { Context } from '../core/declaration.ts';
import { flag, integer, text, texts, type Entry } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { byFreeSpace } from './aggregate.ts';
import { MIB } from './common.ts';
import { namedIn } from './lookups.ts';
import {
  checkCapacity,
  checkJunction,
  checkMountable,
  checkReserve,
  checkSize,
  checkSvmRuns,
  checkVolumeName,
} from './volume-checks.ts';
import { isClone, makeCloneSnapshot, prepareClone } from './volume-clone.ts';
import { newVolumeValues } from './volume-defaults.ts';

const DEFAULT_CONSTITUENTS = 4;

/** When the request arrives: the whole record of a new volume, or a refusal. */
export const prepareVolume = (draft: Entry, context: Context): Entry => {
  const { world } = context;
  const svm = world.store.get('svm', text(draft, 'svm'));
  checkSvmRuns(svm);
  const volume = isClone(draft) ? prepareClone(draft, world) : prepareOwn(draft, svm, world);
  checkVolumeName(text(volume, 'name'), text(volume, 'style'));
  checkReserve(volume);
  checkJunction(volume, world);
  return volume;
};

const prepareOwn = (draft: Entry, svm: Entry, world: World): Entry => {
  const { style, aggregates, layout } = placement(draft, svm, world);
  const { 'space.size': spaceSize, 'snaplock.type': snaplock, ...given } = draft;
  if (snaplock !== undefined && snaplock !== 'non_snaplock') throw notSimulated('A SnapLock volume');
  const mirror = text(draft, 'type') === 'dp';
  if (text(given, 'state') === 'error') throw new Refusal(400, 918652, 'The state "error" cannot be set.', 'state');
  return {
    size: spaceSize ?? 20 * MIB,
    'guarantee.type': 'volume',
    'space.snapshot.reserve_percent': mirror ? 0 : 5,
    ...newVolumeValues(world),
    language: text(svm, 'language') || 'c.utf_8',
    snapshot_policy: world.store.by('snapshot_policy', 'name', 'default')[0]?.$id,
    'nas.export_policy': defaultPolicy(svm, world),
    ...given,
    ...autosizeOf(given),
    $id: draft.$id,
    style,
    aggregates,
    $layout: layout,
  };
};

export const defaultPolicy = (svm: Entry, world: World): string | undefined =>
  namedIn('export_policy', 'default', svm.$id, world)?.$id;

/** Limits of autosize and files that were given stand under names of their own: the shown ones are computed. */
export const autosizeOf = (values: { readonly [path: string]: unknown }) => ({
  ...(typeof values['autosize.maximum'] === 'number' ? { $autosize_maximum: values['autosize.maximum'] } : {}),
  ...(typeof values['autosize.minimum'] === 'number' ? { $autosize_minimum: values['autosize.minimum'] } : {}),
  ...(typeof values['files.maximum'] === 'number' ? { $files_maximum: values['files.maximum'] } : {}),
});

interface Placement {
  readonly style: string;
  readonly aggregates: readonly string[];
  /** One aggregate per constituent; one in all for a FlexVol. */
  readonly layout: readonly string[];
}

const placement = (draft: Entry, svm: Entry, world: World): Placement => {
  const named = texts(draft, 'aggregates');
  const style = text(draft, 'style') || (named.length > 1 ? 'flexgroup' : named.length === 1 ? 'flexvol' : '');
  if (style === 'flexgroup_constituent')
    throw new Refusal(400, 918241, 'A constituent cannot be created by itself.', 'style');
  const delegated = texts(svm, 'aggregates');
  const stranger = named.find((id) => delegated.length > 0 && !delegated.includes(id));
  if (stranger !== undefined) {
    throw new Refusal(
      400,
      13107341,
      `Aggregate "${text(world.store.get('aggregate', stranger), 'name')}" is not assigned to SVM "${text(svm, 'name')}".`,
      'aggregates',
    );
  }
  if (style === 'flexgroup') return flexgroupPlacement(draft, named, delegated, world);
  const system = world.personality === 'afx' || world.personality === 'asa-r2';
  const chosen = named.length === 0 && system ? emptiest(delegated, world) : named;
  if (chosen.length === 0)
    throw new Refusal(400, style === '' ? 787141 : 787140, 'An aggregate or a style is needed.', 'aggregates');
  if (chosen.length > 1)
    throw new Refusal(400, 918242, 'A FlexVol volume lies in exactly one aggregate.', 'aggregates');
  return { style: 'flexvol', aggregates: chosen, layout: chosen };
};

const emptiest = (delegated: readonly string[], world: World): readonly string[] =>
  byFreeSpace(delegated, world).slice(0, 1);

const flexgroupPlacement = (
  draft: Entry,
  named: readonly string[],
  delegated: readonly string[],
  world: World,
): Placement => {
  const online = (id: string) => text(world.store.get('aggregate', id), 'state') === 'online';
  const assigned = delegated.length > 0 ? delegated : world.store.all('aggregate').map((entry) => entry.$id);
  const aggregates = named.length > 0 ? named : assigned.filter(online);
  if (aggregates.length === 0)
    throw new Refusal(400, 13107341, 'There are no suitable aggregates for the FlexGroup volume.', 'aggregates');
  const perAggregate = integer(draft, 'constituents_per_aggregate') || (named.length > 0 ? DEFAULT_CONSTITUENTS : 1);
  const count = integer(draft, 'constituent_count') || perAggregate * aggregates.length;
  const layout = Array.from({ length: count }, (_, index) => aggregates[index % aggregates.length] ?? '');
  return { style: 'flexgroup', aggregates: [...new Set(layout)], layout };
};

/** When the work is done: what a new volume takes, and what it may not have. */
export const placeVolume = (volume: Entry, context: Context): void => {
  const { world } = context;
  if (flag(volume, 'clone.is_flexclone')) makeCloneSnapshot(volume, context);
  const current = world.store.change('volume', volume.$id, { create_time: world.clock.text() });
  checkSize(current);
  checkMountable(current);
  checkJunction(current, world);
  checkCapacity(current, undefined, context);
};
