import { establishingCommand } from '../shared/establishing.ts';

export const command = establishingCommand({
  summary: 'Make a volume the mirror of one on another array',
  description:
    'The volume must have been created with --mirror-destination. Repeating the command goes on where it stands.',
  examples: ['tridentctl mirror establish copy1 --source svm1:trident_v1 --policy MirrorAllSnapshots --wait'],
  verb: 'establish',
});
