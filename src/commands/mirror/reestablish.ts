import { establishingCommand } from '../shared/establishing.ts';

export const command = establishingCommand({
  summary: 'Make a promoted volume a mirror again',
  description: 'What was written to the volume since it was promoted is lost. It must not be published to a node.',
  examples: ['tridentctl mirror reestablish copy1 --wait'],
  verb: 'reestablish',
});
