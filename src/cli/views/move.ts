import type { MoveExternal } from '../../client/wire/move.ts';
import type { View } from '../output.ts';

/** The columns of stock, and how the move stands. */
export const moveView: View<MoveExternal> = {
  id: (move) => move.volume,
  columns: [
    { title: 'Name', cell: (move) => move.volume },
    { title: 'Source Pool', only: 'wide', cell: (move) => move.pool },
    { title: 'Source Node', only: 'wide', cell: (move) => move.node ?? '' },
    { title: 'Target Pool', cell: (move) => move.targetPool ?? '' },
    { title: 'Target Node', cell: (move) => move.targetNode ?? '' },
    { title: 'State', isState: true, cell: (move) => move.state },
    { title: 'Percent', cell: (move) => String(move.percent) },
  ],
};
