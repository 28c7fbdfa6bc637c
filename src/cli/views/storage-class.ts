import type { StorageClassExternal } from '../../client/wire/storage-class.ts';
import type { View } from '../output.ts';

/**
 * What JSON and YAML show of a storage class: stock's five keys, all always there, then what was set beyond them.
 */
const shown = ({ Config, storage }: StorageClassExternal) => ({
  Config: {
    version: Config.version,
    name: Config.name,
    attributes: Config.attributes ?? null,
    storagePools: Config.storagePools ?? null,
    additionalStoragePools: Config.additionalStoragePools ?? null,
    ...(Config.excludeStoragePools === undefined ? {} : { excludeStoragePools: Config.excludeStoragePools }),
    ...(Config.autogrowPolicy === undefined ? {} : { autogrowPolicy: Config.autogrowPolicy }),
  },
  storage,
});

export const storageClassView: View<StorageClassExternal> = {
  id: (storageClass) => storageClass.Config.name,
  shown,
  columns: [{ title: 'Name', cell: (storageClass) => storageClass.Config.name }],
};
