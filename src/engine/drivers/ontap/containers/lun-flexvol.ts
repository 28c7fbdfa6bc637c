import type { OntapBackend } from '../backend.ts';
import { DeviceContainer } from './device-flexvol.ts';
import { LunAdoption } from './lun-adoption.ts';
import { lunDevices } from './lun-devices.ts';
import type { LunFields } from './lun-fields.ts';
import type { LunOnOntap } from './lun-record.ts';
import { Luns } from './luns.ts';
import type { SplitTimers } from './split-timers.ts';

/** A LUN in a FlexVol of its own. */
export class LunContainer extends DeviceContainer<LunFields, LunOnOntap> {
  constructor(backend: OntapBackend, timers: SplitTimers) {
    super(backend, timers, {
      devices: lunDevices(backend),
      adoption: (flexVols, volumes) => new LunAdoption(flexVols, volumes, new Luns(backend)),
    });
  }
}
