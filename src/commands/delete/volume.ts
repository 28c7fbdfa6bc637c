import { deletionCommand } from '../shared/deletion.ts';

export const command = deletionCommand({
  summary: 'Delete volumes',
  examples: ['tridentctl delete volume v1-copy', 'tridentctl delete volume --all'],
  one: 'volume',
  many: 'volumes',
  names: 'volume',
  list: async ({ call }, signal) => (await call.listVolumes({ params: {}, signal })).volumes,
  remove: ({ call }, volume, { signal, progress }) => call.deleteVolume({ params: { volume }, signal, progress }),
});
