import type { View } from '../../cli/output.ts';
import type { ShownFault } from './answers.ts';

/** `method=POST path=/storage/volumes`. */
const inWords = (value: Readonly<Record<string, unknown>>): string =>
  Object.entries(value)
    .map(([key, each]) => `${key}=${typeof each === 'object' ? JSON.stringify(each) : String(each)}`)
    .join(' ');

export const faultView: View<ShownFault> = {
  id: ({ name }) => name,
  columns: [
    { title: 'Name', cell: ({ name }) => name },
    { title: 'When', cell: ({ when }) => inWords(when) },
    { title: 'Then', cell: ({ then: { type, ...rest } }) => `${type} ${inWords(rest)}`.trim() },
    { title: 'Seen', cell: ({ seen }) => String(seen) },
    { title: 'Hits', cell: ({ hits }) => String(hits) },
  ],
};
