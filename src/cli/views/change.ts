import type { View } from '../output.ts';

/** A change that a command made or would make, or what it leaves alone. */
export interface Change {
  readonly change: string;
  readonly state: 'done' | 'planned' | 'left alone';
}

export const changeView: View<Change> = {
  id: ({ change }) => change,
  columns: [
    { title: 'Change', cell: ({ change }) => change },
    { title: 'State', cell: ({ state }) => state },
  ],
};
