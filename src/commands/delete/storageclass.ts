import { deletionCommand } from '../shared/deletion.ts';

export const command = deletionCommand({
  summary: 'Remove storage classes',
  examples: ['tridentctl delete storageclass gold', 'tridentctl delete storageclass --all'],
  one: 'storage class',
  many: 'storage classes',
  names: 'storageclass',
  list: async ({ call }, signal) => (await call.listStorageClasses({ params: {}, signal })).storageClasses,
  remove: ({ call }, storageClass, { signal, progress }) =>
    call.deleteStorageClass({ params: { storageClass }, signal, progress }),
});
