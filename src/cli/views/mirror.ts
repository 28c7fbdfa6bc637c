import type { MirrorExternal } from '../../client/wire/mirror.ts';
import type { View } from '../output.ts';

export const mirrorView: View<MirrorExternal> = {
  id: (mirror) => mirror.volume,
  columns: [
    { title: 'Volume', cell: (mirror) => mirror.volume },
    { title: 'State', isState: true, cell: (mirror) => mirror.state },
    { title: 'Healthy', cell: (mirror) => String(mirror.healthy) },
    { title: 'Local Volume', only: 'wide', cell: (mirror) => mirror.localVolume },
    { title: 'Remote Volume', cell: (mirror) => mirror.remoteVolume ?? '' },
    { title: 'Policy', only: 'wide', cell: (mirror) => mirror.policy ?? '' },
    { title: 'Schedule', only: 'wide', cell: (mirror) => mirror.schedule ?? '' },
    { title: 'Transfer', cell: (mirror) => mirror.transferState },
    { title: 'Last Transfer', cell: (mirror) => mirror.transferEnded ?? '' },
    { title: 'Reason', only: 'wide', cell: (mirror) => mirror.reason ?? '' },
  ],
};
