import type { DriverContext } from '../driver.ts';

/** Names of FlexVols that volumes of a prefix share (ontap-drivers.md 6.2). */

/** First part of names that belong to no single backend. */
export const artifact = (context: DriverContext): string => (context === 'docker' ? 'ndvp' : 'trident');

/** `trident_qtree_pool_trident_`: how the names of all shared FlexVols of a prefix begin. */
export const poolPrefix = (kind: 'qtree' | 'lun', context: DriverContext, prefix: string): string =>
  `${artifact(context)}_${kind}_pool_${prefix}_`.replaceAll(/[-.]/g, '_').replaceAll('__', '_');

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const randomCapitals = (count: number, random: () => number): string =>
  Array.from({ length: count }, () => capitals[Math.floor(random() * capitals.length)] ?? 'A').join('');

/** A new shared FlexVol: the prefix and ten letters. */
export const newPoolName = (prefix: string, random: () => number): string => `${prefix}${randomCapitals(10, random)}`;

/**
 * True for the shared FlexVol of a prefix that only begins like this one (`trident_` and `trident_dev_`): it belongs to other
 * backends, although every pattern of ours finds it.
 */
export const isOfLongerPrefix = (name: string, prefix: string): boolean =>
  /_[A-Z]{10}$/.test(shownPoolName(name).slice(prefix.length));

const hidden = 'deleted_';
/** The name of a shared FlexVol while it is being removed: nobody makes anything in it by its usual path. */
export const hiddenPoolName = (name: string): string => (isHiddenPool(name) ? name : `${hidden}${name}`);
export const isHiddenPool = (name: string): boolean => name.startsWith(hidden);
/** The name that it had before. */
export const shownPoolName = (name: string): string => (isHiddenPool(name) ? name.slice(hidden.length) : name);
