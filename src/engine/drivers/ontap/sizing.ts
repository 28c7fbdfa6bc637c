import { Problem } from '../../problem.ts';
import { formatSize, parseSize } from '../../sizes.ts';

/** Smallest FlexVol; a smaller request is raised to it. */
export const smallestVolumeBytes = 20 * 1024 * 1024;

/**
 * Percent of a volume kept for snapshots: the given value, even with no policy; else 0 without a policy and 5 with one.
 * @throws Problem `volume.option` for a value that is no percentage from 0 to 90
 */
export const snapshotReservePercent = (given: string, snapshotPolicy: string): number => {
  if (given === '') return snapshotPolicy === '' || snapshotPolicy === 'none' ? 0 : 5;
  const percent = /^\d{1,3}$/.test(given) ? Number(given) : Number.NaN;
  // ONTAP refuses more than 90 at creation; at 100 the size below would be infinite.
  if (!(percent <= 90))
    throw new Problem(
      'volume.option',
      'invalid',
      `snapshotReserve: ${JSON.stringify(given)} is not a percentage from 0 to 90`,
      {
        nothingDone: true,
      },
    );
  return percent;
};

/**
 * Size of the FlexVol in which `bytes` are left to the user: floor(bytes / (1 - reserve / 100)), in whole numbers so
 * that large sizes are exact.
 */
export const volumeBytesFor = (bytes: number, reservePercent: number): number =>
  Number((BigInt(bytes) * 100n) / BigInt(100 - reservePercent));

/** What is left to the user of a FlexVol of that size. */
export const usableBytesOf = (bytes: number, reservePercent: number): number =>
  Number((BigInt(bytes) * BigInt(100 - reservePercent)) / 100n);

/** The size to make: the default for 0, the minimum for less than that. */
export const requestedBytes = (asked: number, defaultSize: string): number =>
  Math.max(asked === 0 ? parseSize(defaultSize) : asked, smallestVolumeBytes);

/**
 * @throws Problem `volume.too-large` above `limitVolumeSize`
 */
export const checkVolumeLimit = (bytes: number, limit: string): void => {
  if (limit === '' || bytes <= parseSize(limit)) return;
  throw new Problem(
    'volume.too-large',
    'limit',
    `requested size: ${bytes} > the size limit: ${parseSize(limit)} (${formatSize(bytes)} against limitVolumeSize ${limit})`,
    { nothingDone: true },
  );
};

/** `80` of `80%` or `80`; undefined when no limit is set. */
export const percentLimit = (limit: string): number | undefined =>
  limit === '' ? undefined : Number(limit.replace(/%$/, ''));
