import { deletionCommand } from '../shared/deletion.ts';

export const command = deletionCommand({
  summary: 'Remove backends',
  examples: ['tridentctl delete backend nas1', 'tridentctl delete backend --all'],
  one: 'backend',
  many: 'backends',
  names: 'backend',
  list: async ({ call }, signal) => (await call.listBackends({ params: {}, signal })).backends,
  remove: ({ call }, backend, { signal, progress }) => call.deleteBackend({ params: { backend }, signal, progress }),
});
