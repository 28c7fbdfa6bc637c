import { Problem } from '../../../problem.ts';
import type { MoveWish } from '../../moves.ts';
import type { Facts } from '../facts.ts';
import { isMoving, placeOf, targetOf } from './move-record.ts';
import type { Owners, Placed } from './move-record.ts';

const refusal = (key: keyof MoveWish, message: string, hint?: string): Problem =>
  new Problem(key.startsWith('target') ? 'move.target' : 'move.source', 'invalid', message, {
    path: [key],
    nothingDone: true,
    ...(hint === undefined ? {} : { hint }),
  });

const checkTarget = (target: string, { aggregates, svm }: Pick<Facts, 'aggregates' | 'svm'>, backend: string): void => {
  if (aggregates.some(({ name }) => name === target)) return;
  throw refusal(
    'targetPool',
    `${target} is no aggregate of backend ${backend} on SVM ${svm.name}`,
    `its aggregates are: ${aggregates.map(({ name }) => name).join(', ')}`,
  );
};

/** A volume that is there, or on its way, has left its source, so that a repeated request is no mistake. */
const checkSource = (found: Placed, { sourcePool, targetPool }: MoveWish): void => {
  const place = placeOf(found);
  if (found.aggregates.length !== 1)
    throw refusal('sourcePool', `volume ${found.name} lies in ${found.aggregates.length} aggregates and stays there`);
  const hasLeft = place === targetPool || targetOf(found) === targetPool;
  if (sourcePool !== '' && sourcePool !== place && !hasLeft)
    throw refusal('sourcePool', `volume ${found.name} is in aggregate ${place}, and not in ${sourcePool}`);
};

const checkOwner = (key: 'targetNode' | 'sourceNode', wanted: string, aggregate: string, owners: Owners): void => {
  const owner = owners.get(aggregate);
  if (wanted !== '' && owner !== undefined && owner !== wanted)
    throw refusal(key, `aggregate ${aggregate} is owned by node ${owner}, and not by ${wanted}`);
};

const refuseOtherMove = (found: Placed, target: string): void => {
  if (!isMoving(found) || targetOf(found) === target) return;
  throw new Problem(
    'move.elsewhere',
    'conflict',
    `volume ${found.name} is being moved to aggregate ${targetOf(found)}`,
    { hint: 'wait until it is there, or abort that on the array: volume move abort', nothingDone: true },
  );
};

/** Every check before anything is changed. @throws Problem `move.source`, `move.target`, `move.elsewhere` */
export const checkMove = (
  found: Placed,
  wish: MoveWish,
  owners: Owners,
  { facts, backendName }: { readonly facts: Pick<Facts, 'aggregates' | 'svm'>; readonly backendName: string },
): void => {
  checkTarget(wish.targetPool, facts, backendName);
  checkSource(found, wish);
  refuseOtherMove(found, wish.targetPool);
  checkOwner('targetNode', wish.targetNode, wish.targetPool, owners);
  checkOwner('sourceNode', wish.sourceNode, wish.sourcePool, owners);
};
