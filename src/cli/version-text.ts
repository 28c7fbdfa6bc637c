import { Problem } from '../engine/problem.ts';

/** A version as Trident counts: year, month, patch. Keys and their order as `version -o json` prints them. */
export interface VersionBlock {
  readonly version: string;
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly patchVersion: number;
  readonly preRelease: string;
  readonly buildMetadata: string;
  readonly apiVersion: string;
  /** What runs the program, for example `go1.26.0` or `node24.21.0`. */
  readonly goVersion: string;
}

/** What runs this program, told where the stock one tells its Go version. */
export const runtime = `node${process.versions.node}`;

const form = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;

/** @throws Problem when `text` is not `YEAR.MONTH.PATCH`, with `-PRE` and `+META` or without */
export const versionBlock = (text: string, goVersion: string): VersionBlock => {
  const [whole, year = '', month = '', patch = '', preRelease = '', buildMetadata = ''] = form.exec(text) ?? [];
  if (whole === undefined)
    throw new Problem('cli.version', 'unavailable', `could not parse ${JSON.stringify(text)} as version`);
  if (Number(month) < 1 || Number(month) > 12)
    throw new Problem(
      'cli.version',
      'unavailable',
      `illegal month component ${JSON.stringify(month)} in ${JSON.stringify(text)}`,
    );
  const date = `${Number(year)}.${String(Number(month)).padStart(2, '0')}.${Number(patch)}`;
  return {
    version: `${date}${preRelease === '' ? '' : `-${preRelease}`}${buildMetadata === '' ? '' : `+${buildMetadata}`}`,
    majorVersion: Number(year),
    minorVersion: Number(month),
    patchVersion: Number(patch),
    preRelease,
    buildMetadata,
    apiVersion: '1',
    goVersion,
  };
};
