import { deletionCommand } from '../shared/deletion.ts';

export const command = deletionCommand({
  summary: 'Remove nodes',
  examples: ['tridentctl delete node worker-1', 'tridentctl delete node --all'],
  one: 'node',
  many: 'nodes',
  names: 'node',
  list: async ({ call }, signal) => (await call.listNodes({ params: {}, signal })).nodes,
  remove: ({ call }, node, { signal, progress }) => call.deleteNode({ params: { node }, signal, progress }),
});
