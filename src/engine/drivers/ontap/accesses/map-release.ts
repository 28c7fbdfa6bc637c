import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { ourIgroups } from './igroup-names.ts';
import { LunMaps } from './lun-maps.ts';

/**
 * Removes the maps of a LUN that is to be deleted to igroups of this installation; they were left behind, since what is
 * published is not deleted.
 * @throws Problem `lun.mapped` when others have it, and then removes none
 */
export const releaseLun = async (
  backend: OntapBackend,
  lun: { readonly uuid: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> => {
  const ours = ourIgroups(backend).slice(1);
  const maps = new LunMaps(backend);
  const found = await maps.list({ 'lun.uuid': lun.uuid }, signal);
  const foreign = found.map(({ igroup }) => igroup.name).filter((name) => !name.endsWith(ours));
  if (foreign.length > 0)
    throw new Problem(
      'lun.mapped',
      'conflict',
      `LUN ${lun.name} cannot be deleted: it is mapped to ${foreign.join(', ')}`,
      { hint: 'unmap it on the array when the hosts of those igroups no longer need it', nothingDone: true },
    );
  for (const { igroup } of found) {
    const what = `unmapping LUN ${lun.name} from igroup ${igroup.name}`;
    await maps.remove({ lun: lun.uuid, igroup: igroup.uuid }, what, signal);
  }
};
