import { flag, integer, text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { Context } from '../core/declaration.ts';
import type { World } from '../core/world.ts';
import { aggregateSpace } from './aggregate.ts';
import { GIB, MIB, TIB } from './common.ts';
import { junctionParent } from './volume-fields.ts';
import { volumeCharges, volumeSpace } from './volume-space.ts';

export const SMALLEST_FLEXVOL = 20 * MIB;
const SMALLEST_CONSTITUENT = 200 * MIB;
/** What an aggregate must have left for a volume that takes no space yet. */
const LEAST_FREE = GIB / 1024;

export const checkVolumeName = (name: string, style: string): void => {
  const longest = style === 'flexgroup' ? 197 : 203;
  if (name.length > longest)
    throw new Refusal(400, 917886, `The volume name "${name}" is longer than ${longest} characters.`, 'name');
  if (!/^[A-Za-z_]/.test(name))
    throw new Refusal(400, 917887, `The volume name "${name}" must start with a letter or "_".`, 'name');
  if (!/^\w+$/.test(name))
    throw new Refusal(400, 917888, `The volume name "${name}" may only have letters, digits and "_".`, 'name');
};

/** Volumes and qtrees are made in an SVM that runs; qtrees are changed and deleted only in one, too. */
export const checkSvmRuns = (svm: Entry): void => {
  if (text(svm, 'state') !== 'running')
    throw new Refusal(400, 2621462, `The SVM "${text(svm, 'name')}" is not running.`, 'svm');
};

/** The junction of a volume, as a request wants it. */
export const checkJunction = (volume: Entry, world: World): void => {
  const path = text(volume, 'nas.path');
  if (path === '') return;
  const bad = (why: string) =>
    new Refusal(400, 918252, `The junction path "${path}" is not valid: ${why}.`, 'nas.path');
  if (!path.startsWith('/') || path === '/') throw bad('it must start with "/" and name more than the root');
  if (path.endsWith('/') || path.includes('//')) throw bad('it has an empty part');
  if (text(volume, 'state') !== 'online')
    throw new Refusal(400, 9437885, 'A volume that is not online cannot be mounted.', 'nas.path');
  if (!junctionParent(volume, world)) throw bad('its parent directory does not exist');
};

/** When the work is done: a mirror destination can be mounted only after its first transfer. */
export const checkMountable = (volume: Entry): void => {
  if (text(volume, 'nas.path') !== '' && text(volume, 'type') === 'dp' && !flag(volume, '$initialized')) {
    throw new Refusal(
      400,
      917536,
      `The volume "${text(volume, 'name')}" is a data protection volume that has not been initialized.`,
    );
  }
};

export const checkReserve = (volume: Entry): void => {
  const percent = integer(volume, 'space.snapshot.reserve_percent');
  if (percent < 0 || percent > 90)
    throw new Refusal(
      400,
      917835,
      `A snapshot reserve of ${percent}% is not possible; at most 90% are.`,
      'space.snapshot.reserve_percent',
    );
};

/** When the work is done: sizes that ONTAP does not make. */
export const checkSize = (volume: Entry): void => {
  const size = integer(volume, 'size');
  const constituents = texts(volume, '$layout').length;
  const flexgroup = text(volume, 'style') === 'flexgroup';
  const smallest = flexgroup ? SMALLEST_CONSTITUENT * constituents : SMALLEST_FLEXVOL;
  if (size < smallest) {
    throw new Refusal(
      400,
      917534,
      `The size ${size} of volume "${text(volume, 'name')}" is too small. The minimum is ${smallest} bytes.`,
      'size',
    );
  }
  const greatest = (flag(volume, 'space.large_size_enabled') ? 300 : 100) * TIB * (flexgroup ? constituents : 1);
  if (size > greatest)
    throw new Refusal(
      400,
      917534,
      `The size ${size} of volume "${text(volume, 'name')}" is too large. The maximum is ${greatest} bytes.`,
      'size',
    );
};

/** When the work is done: the data must fit in the volume. */
export const checkHolds = (volume: Entry): void => {
  const { used, afs } = volumeSpace(volume);
  if (used > afs) {
    throw new Refusal(
      400,
      460770,
      `The volume "${text(volume, 'name')}" holds ${used} bytes and cannot become smaller than that.`,
      'size',
    );
  }
};

/**
 * When the work is done: `after` is in the store already, so an aggregate that is charged more than it has is one that
 * has no space for the change.
 */
export const checkCapacity = (
  after: Entry,
  before: Entry | undefined,
  { world, fullAggregate }: Pick<Context, 'world' | 'fullAggregate'>,
): void => {
  const earlier = new Map<string, number>();
  for (const { aggregate, bytes } of before ? volumeCharges(before) : [])
    earlier.set(aggregate, (earlier.get(aggregate) ?? 0) + bytes);
  const wanted = new Map<string, number>();
  for (const { aggregate, bytes } of volumeCharges(after)) wanted.set(aggregate, (wanted.get(aggregate) ?? 0) + bytes);
  for (const [id, bytes] of wanted) {
    const more = bytes - (earlier.get(id) ?? 0);
    const aggregate = world.store.get('aggregate', id);
    const struck = fullAggregate === '*' || fullAggregate === id;
    const grows = more > 0 || !before || integer(after, 'size') > integer(before, 'size');
    if (grows && text(aggregate, 'state') !== 'online')
      throw new Refusal(500, 460770, `Aggregate "${text(aggregate, 'name')}" is not online.`);
    const { size } = aggregateSpace(aggregate, world);
    const over = world.usage(id).charged + integer(aggregate, '$foreign') - size;
    const lacking = more > 0 ? over > 0 : !before && over > -LEAST_FREE;
    if (grows && (struck || lacking)) {
      throw new Refusal(
        500,
        460770,
        `There is not enough space in aggregate "${text(aggregate, 'name')}" for volume "${text(after, 'name')}".`,
      );
    }
  }
};
