import type { VolumeExternal } from '../../client/wire/volume.ts';
import { humanSizeText } from '../format-size.ts';
import type { View } from '../output.ts';

/** `get volume` shows the usual state as no state, in every format. */
export const withBlankState = (volume: VolumeExternal): VolumeExternal =>
  volume.state === 'online' ? { ...volume, state: '' } : volume;

/** @param backendNames names by UUID; `unknown` where one is missing, as in stock */
export const volumeView = (backendNames: ReadonlyMap<string, string>): View<VolumeExternal> => ({
  id: (volume) => volume.Config.name,
  columns: [
    { title: 'Name', cell: (volume) => volume.Config.name },
    { title: 'Internal Name', only: 'wide', cell: (volume) => volume.Config.internalName },
    { title: 'Size', cell: (volume) => humanSizeText(volume.Config.size) },
    { title: 'Storage Class', cell: (volume) => volume.Config.storageClass ?? '' },
    { title: 'Protocol', cell: (volume) => volume.Config.protocol },
    { title: 'Backend UUID', cell: (volume) => volume.backendUUID },
    { title: 'Backend', only: 'wide', cell: (volume) => backendNames.get(volume.backendUUID) ?? 'unknown' },
    { title: 'State', isState: true, cell: (volume) => volume.state },
    { title: 'Managed', cell: (volume) => String(volume.Config.importNotManaged !== true) },
    { title: 'Access Mode', only: 'wide', cell: (volume) => volume.Config.accessMode ?? '' },
  ],
});
