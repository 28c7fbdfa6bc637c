import { integer, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** Blocks of a volume: those of its active data, and those that only snapshots still hold. */

const VOLUME = 'volume';
const SNAPSHOT = 'snapshot';

/** Active data of so many bytes; what the fullest snapshot has beyond that is its own. `leaving` is about to go. */
export const dataValues = (volume: Entry, bytes: number, world: World, leaving?: string) => {
  const held = world.store
    .by(SNAPSHOT, 'volume', volume.$id)
    .filter((snapshot) => snapshot.$id !== leaving)
    .reduce((greatest, snapshot) => Math.max(greatest, integer(snapshot, '$volume_used')), 0);
  return { $used: bytes, $snapshots_used: Math.max(0, held - bytes) };
};

const setData = (volume: Entry, bytes: number, world: World, leaving?: string) => {
  const values = dataValues(volume, bytes, world, leaving);
  if (values.$used !== integer(volume, '$used') || values.$snapshots_used !== integer(volume, '$snapshots_used'))
    world.store.change(VOLUME, volume.$id, values);
};

/** A part of the volume's data grows or goes. */
export const shiftData = (volume: string, bytes: number, world: World): void => {
  const current = world.store.find(VOLUME, volume);
  if (current && bytes !== 0) setData(current, Math.max(0, integer(current, '$used') + bytes), world);
};

/** Snapshots went: what only they held is free. `leaving` is one that is about to go. */
export const refreshData = (volume: string, world: World, leaving?: string): void => {
  const current = world.store.find(VOLUME, volume);
  if (current) setData(current, integer(current, '$used'), world, leaving);
};

/** A snapshot goes without a request of its own. */
export const dropSnapshot = (snapshot: Entry, world: World): void => {
  world.store.remove(SNAPSHOT, snapshot.$id);
  refreshData(text(snapshot, 'volume'), world);
};
