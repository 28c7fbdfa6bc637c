import type { DataAccess } from '../core/declaration.ts';
import { integer, text } from '../core/entry.ts';
import { keptBytes } from '../core/extents.ts';
import { Refusal } from '../core/refusal.ts';
import { containerState } from './lun-fields.ts';
import { heldBytes } from './lun-space.ts';
import { volumeSpace } from './volume-space.ts';

/** The bytes of a LUN that the API writes; what hosts would write is not there. */
export const lunData: DataAccess = {
  at: 'data.offset',
  size: 'data.size',
  length: (lun) => integer(lun, 'space.size'),
  written: (lun, _end, world) => {
    if (containerState(lun, world) !== 'online')
      throw new Refusal(409, 5374866, "The LUN's volume is offline.", 'data.offset');
    const $written = Math.max(integer(lun, '$written'), keptBytes(lun));
    const $held = heldBytes({ ...lun, $written });
    const growth = $written + $held - integer(lun, '$written') - integer(lun, '$held');
    const volume = world.store.get('volume', text(lun, 'location.volume'));
    if (growth > volumeSpace(volume).available)
      throw new Refusal(400, 460770, `There is not enough space in volume "${text(volume, 'name')}".`, 'data.offset');
    return { $written, $held };
  },
};
