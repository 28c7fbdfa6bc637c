import { flag, integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { GIB, TIB } from './common.ts';
import { volumeSpace } from './volume-space.ts';

export const SMALLEST_LUN = 4096;
export const GREATEST_LUN = 128 * TIB;

export const refuseSize = (given: string): Refusal => {
  const bytes = Number(given);
  if (bytes < 0) return new Refusal(400, 5374123, `The size ${given} is negative.`, 'space.size');
  return bytes < SMALLEST_LUN
    ? new Refusal(
        400,
        5374124,
        `The size ${given} is too small for a LUN; the least is ${SMALLEST_LUN} bytes.`,
        'space.size',
      )
    : new Refusal(
        400,
        5374125,
        `The size ${given} is too large for a LUN; the greatest is ${GREATEST_LUN / GIB} GiB.`,
        'space.size',
      );
};

/** Bytes that a LUN takes out of its volume beside what is written in it: those that are reserved. */
export const heldBytes = (lun: Entry): number =>
  flag(lun, 'space.guarantee.requested') ? Math.max(0, integer(lun, 'space.size') - integer(lun, '$written')) : 0;

/** A reserved LUN must fit: `more` bytes beyond what it has now. */
export const checkRoom = (lun: Entry, more: number, world: World): void => {
  if (more <= 0) return;
  const volume = world.store.find('volume', text(lun, 'location.volume'));
  if (volume && volumeSpace(volume).available < more) {
    throw new Refusal(
      400,
      5374125,
      `There is not enough space in volume "${text(volume, 'name')}" to reserve the LUN.`,
      'space.size',
    );
  }
};

/** A PATCH of the size: LUNs only grow. */
export const checkResize = (before: Entry, size: number): void => {
  const current = integer(before, 'space.size');
  if (size < current)
    throw new Refusal(400, 5374892, `The LUN cannot be reduced from ${current} to ${size} bytes.`, 'space.size');
  if (size === current) throw new Refusal(400, 1254226, 'The new size is the size that the LUN has.', 'space.size');
};
