/** Where volumes are made that the system places itself, from ONTAP 9.19.1 on. */
export const placedPath = '/application/containers';

interface VolumeBody {
  readonly name: string;
  readonly svm: { readonly uuid: string };
  readonly style: string;
  readonly size: number;
  readonly space: object;
  readonly tiering?: object;
  readonly nas?: object;
  readonly snapshot_directory_access_enabled?: unknown;
  readonly aggregates?: unknown;
  readonly constituents_per_aggregate?: unknown;
}

/**
 * The request that makes such a volume, out of the one for `/storage/volumes`. The junction and the snapshot directory are
 * not taken there and follow by themselves.
 */
export const placedBody = (body: VolumeBody): unknown => {
  const {
    svm,
    style,
    size,
    space,
    tiering,
    nas = {},
    snapshot_directory_access_enabled: _directory,
    aggregates: _aggregates,
    constituents_per_aggregate: _parts,
    ...same
  } = body;
  const access = Object.fromEntries(Object.entries(nas).filter(([key]) => key !== 'path'));
  return {
    svm,
    volumes: [
      {
        type: 'rw',
        ...same,
        space: { size, ...space },
        ...(tiering === undefined ? {} : { tiering: { ...tiering, object_stores: [] } }),
        ...(Object.keys(access).length === 0 ? {} : { nas: access }),
        exclude_aggregates: [],
        scale_out: style === 'flexgroup',
      },
    ],
  };
};
