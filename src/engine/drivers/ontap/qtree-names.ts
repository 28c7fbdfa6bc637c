import { randomUUID } from 'node:crypto';
import type { DriverContext } from '../driver.ts';
import { artifact, randomCapitals } from './pool-names.ts';

/** Names of what the economy driver keeps on the array (ontap-drivers.md 6.2). */

/** Longest name of a qtree. */
export const longestQtreeName = 64;

/** Export policy of shared FlexVols when users keep the rules; it lets everybody in. */
export const poolPolicyName = (context: DriverContext): string => `${artifact(context)}_qtree_pool_export_policy`;

/** What is kept of a name in its deleted form: all of it, or what is left without its first 18 characters. */
export const keptOfDeleted = (name: string): string =>
  `deleted_${name}_AAAAA`.length <= longestQtreeName ? name : name.slice(18);

/** The name under which a qtree waits for its deletion, so that its own is free at once. */
export const deletedName = (name: string, random: () => number): string =>
  `deleted_${keptOfDeleted(name)}_${randomCapitals(5, random)}`;

/** True for names that `deletedName` makes of any name. */
export const isDeletedName = (name: string): boolean => /^deleted_.*_[A-Z]{5}$/.test(name);

/** True for names that `deletedName` makes of this name. */
export const isDeletedNameOf = (deleted: string, name: string): boolean =>
  isDeletedName(deleted) && deleted.slice('deleted_'.length, -6) === keptOfDeleted(name);

/** A name of our own making for a volume whose name is too long for a qtree. */
export const shortQtreeName = (context: DriverContext): string =>
  `${artifact(context)}_${randomUUID().replaceAll('-', '')}`;

/** The handle by which other Tridents know a qtree. */
export const qtreeId = (svm: string, flexVol: string, qtree: string): string =>
  `/svm/${svm}/flexvol/${flexVol}/qtree/${qtree}`;

/** The FlexVol in such a handle; undefined when it is none. */
export const flexVolOfId = (internalID: string): string | undefined =>
  /^\/svm\/[^/]+\/flexvol\/([^/]+)\/qtree\/[^/]+$/.exec(internalID)?.[1];
