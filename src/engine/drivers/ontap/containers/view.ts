import * as v from 'valibot';
import type { VolumeHandle } from '../../objects.ts';

/** What a read-only clone is: a snapshot seen through the volume that it was taken of. */
export interface View {
  /** Of the FlexVol; undefined where another Trident made the clone, which records the name only. */
  readonly uuid: string | undefined;
  /** Internal name of the source. */
  readonly name: string;
  /** Junction path of the source. */
  readonly path: string;
  readonly snapshot: string;
}

const viewSchema = v.object({
  view: v.object({ uuid: v.string(), name: v.string(), path: v.string(), snapshot: v.string() }),
});

/** The view in a ref of ours; undefined for volumes of their own. */
export const viewRef = (ref: unknown): View | undefined => {
  const result = v.safeParse(viewSchema, ref);
  return result.success ? result.output.view : undefined;
};

/** What a volume is a view of, by our ref or, for clones of another Trident, by what the record says of its source. */
export const viewOf = ({ config, ref }: VolumeHandle): View | undefined => {
  const known = viewRef(ref);
  if (known !== undefined || !config.readOnlyClone) return known;
  const name = config.cloneSourceVolumeInternal;
  const snapshot =
    config.cloneSourceSnapshotInternal === '' ? config.cloneSourceSnapshot : config.cloneSourceSnapshotInternal;
  const told = config.accessInformation.nfsPath ?? '';
  const end = `/.snapshot/${snapshot}`;
  return { uuid: undefined, name, snapshot, path: told.endsWith(end) ? told.slice(0, -end.length) : `/${name}` };
};
