import * as v from 'valibot';
import { Problem } from '../../../engine/problem.ts';
import { defineCommand } from '../../../cli/command.ts';
import { printValue } from '../../../cli/output.ts';
import { nameAnswer } from '../answers.ts';
import { controlFlags, openControl } from '../control.ts';
import { readFaultRules } from '../lab-files.ts';

export const command = defineCommand({
  summary: 'Add faults to a running simulator',
  examples: ['tridentctl simulator faults add -f faults.yaml'],
  args: {},
  flags: {
    ...controlFlags,
    filename: {
      kind: 'string',
      short: 'f',
      value: 'path',
      summary: 'YAML or JSON file with faults, - for standard input',
    },
  },
  async run({ flags }, context) {
    if (flags.filename === undefined)
      throw new Problem('cli.noInput', 'usage', 'no file with faults was named', {
        hint: 'use -f PATH, or -f - for standard input',
      });
    const rules = await readFaultRules(flags.filename, context);
    const control = await openControl(flags, context);
    const added: v.InferOutput<typeof nameAnswer>[] = [];
    try {
      for (const rule of rules) added.push(v.parse(nameAnswer, await control.send('POST', '/faults', rule)));
    } finally {
      // Also those before one that was refused.
      if (added.length > 0) await printValue({ items: added }, added.map(({ name }) => `${name}\n`).join(''), context);
    }
  },
});
