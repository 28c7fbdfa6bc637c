import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { mapTogether } from '../shared/collection.ts';
import { getMirror, showMirrors } from '../shared/mirrors.ts';

export const command = defineCommand({
  summary: 'Show how mirrors stand, as the array tells',
  examples: ['tridentctl mirror status copy1', 'tridentctl mirror status copy1 -o json'],
  args: { volumes: { kind: 'many', name: 'volume', summary: 'which mirrors', names: 'volume' } },
  flags: {},
  async run({ args: { volumes } }, context) {
    if (volumes.length === 0) throw new Problem('cli.noName', 'usage', 'volume name not specified');
    await showMirrors(await mapTogether(volumes, (volume) => getMirror(volume, context)), context);
  },
});
