import { isJsonObject } from '../../engine/json.ts';
import type { BackendExternal } from '../../client/wire/backend.ts';
import { withSortedKeys } from '../json-text.ts';
import type { View } from '../output.ts';

const states = new Set(['unknown', 'online', 'offline', 'deleting', 'failed']);
const userStates = new Set(['normal', 'suspended']);

const driverOf = (backend: BackendExternal): string => {
  const driver = isJsonObject(backend.config) ? backend.config['storageDriverName'] : undefined;
  return typeof driver === 'string' ? driver : '';
};

export const backendView: View<BackendExternal> = {
  id: (backend) => backend.name,
  shown: (backend) => ({
    ...backend,
    config: withSortedKeys(backend.config),
    storage: withSortedKeys(backend.storage),
  }),
  tabled: (backend) => isJsonObject(backend.config),
  columns: [
    { title: 'Name', cell: (backend) => backend.name },
    { title: 'Storage Driver', cell: driverOf },
    { title: 'UUID', cell: (backend) => backend.backendUUID },
    { title: 'State', isState: true, cell: (backend) => (states.has(backend.state) ? backend.state : 'unknown') },
    {
      title: 'User-State',
      isState: true,
      cell: (backend) => (userStates.has(backend.userState) ? backend.userState : 'unknown'),
    },
    { title: 'Volumes', cell: (backend) => String(backend.volumes?.length ?? 0) },
  ],
};
