import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import type { NamespaceRef } from '../containers/namespace-ref.ts';
import { NvmeSeating } from './nvme-seating.ts';

/**
 * Takes a namespace that is to be deleted out of a subsystem of this installation; it was left behind, since what is
 * published is not deleted.
 * @throws Problem `namespace.mapped` when somebody else's subsystem has it
 */
export const releaseNamespace = async (
  backend: OntapBackend,
  namespace: NamespaceRef,
  signal: AbortSignal,
): Promise<void> => {
  const seating = new NvmeSeating(backend);
  const { names, maps, subsystems } = seating;
  const seat = (await seating.look(namespace, signal))?.seat;
  if (seat === undefined) return;
  if (names.kindOf(seat) === 'other' && seat.name !== names.legacy({ name: '', internalName: namespace.name }))
    throw new Problem(
      'namespace.mapped',
      'conflict',
      `namespace ${namespace.name} cannot be deleted: it is mapped to subsystem ${seat.name}`,
      { hint: 'unmap it on the array when the hosts of that subsystem no longer need it', nothingDone: true },
    );
  await maps.remove(namespace, seat, signal);
  await subsystems.removeUnused(seat, signal);
};
