/** Names of what the LUN economy driver keeps on the array (ontap-drivers.md 6.2, 12). */

/** Longest name of a LUN in a shared FlexVol. */
export const longestPooledLunName = 254;

const mark = '_snapshot_';

/** Path of a LUN in a FlexVol. */
export const pathOf = (flexVol: string, lun: string): string => `/vol/${flexVol}/${lun}`;

/** Last part of a LUN's path. */
export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** FlexVol in a LUN's path; empty when it is none. */
export const flexVolOf = (path: string): string => /^\/vol\/([^/]+)\//.exec(path)?.[1] ?? '';

/** A snapshot of a LUN is a LUN beside it. The array takes no hyphens in such names. */
export const snapshotLun = (lun: string, snapshot: string): string => `${lun}${mark}${snapshot}`.replaceAll('-', '_');

/** The snapshot that a LUN is of another; undefined when it is none. */
export const snapshotIn = (lun: string, name: string): string | undefined => {
  const start = `${lun}${mark}`;
  return name.startsWith(start) && name.length > start.length ? name.slice(start.length) : undefined;
};

/** True for names that are taken for snapshots of some LUN; such a LUN would go with that LUN, so volumes must not have them. */
export const looksLikeSnapshot = (name: string): boolean => name.includes(mark);

/** The handle by which other Tridents know a LUN in a shared FlexVol. */
export const pooledLunId = (svm: string, flexVol: string, lun: string): string =>
  `/svm/${svm}/flexvol/${flexVol}/lun/${lun}`;

/** The FlexVol in such a handle; undefined when it is none. */
export const flexVolOfLunId = (internalID: string): string | undefined =>
  /^\/svm\/[^/]+\/flexvol\/([^/]+)\/lun\/[^/]+$/.exec(internalID)?.[1];
