import { parseSize } from '../../../engine/sizes.ts';
import { defineCommand } from '../../../cli/command.ts';
import { controlFlags, openControl } from '../control.ts';

export const command = defineCommand({
  summary: 'Let a volume of a running simulator hold data',
  examples: ['tridentctl simulator set volume vol1 --used 500Mi'],
  args: { name: { kind: 'one', name: 'volume', summary: 'name of the volume on the array' } },
  flags: {
    ...controlFlags,
    svm: { kind: 'string', value: 'svm', summary: 'its SVM, where several have a volume of that name' },
    used: { kind: 'string', value: 'size', required: true, summary: 'bytes of active data' },
  },
  async run({ args, flags }, context) {
    const bytes = parseSize(flags.used);
    const control = await openControl(flags, context);
    const svm = flags.svm === undefined ? {} : { svm: flags.svm };
    await control.send('POST', `/volumes/${encodeURIComponent(args.name)}/used`, { bytes, ...svm });
  },
});
