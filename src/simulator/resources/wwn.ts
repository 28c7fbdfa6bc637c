import type { World } from '../core/world.ts';

/** A Fibre Channel name from the seed, such as `20:00:00:50:56:bb:b2:4b`; the fourth byte tells its number. */
export const newWwn = (world: World): string => {
  const tail = world.random.hex('fc/wwn', 6);
  return `20:${(world.random.positions()['fc/wwn'] ?? 0).toString(16).padStart(2, '0').slice(-2)}:00:50:56:${tail.slice(0, 2)}:${tail.slice(2, 4)}:${tail.slice(4, 6)}`;
};
