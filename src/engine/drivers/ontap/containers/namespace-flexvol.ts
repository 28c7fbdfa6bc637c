import type { OntapBackend } from '../backend.ts';
import { DeviceContainer } from './device-flexvol.ts';
import { NamespaceAdoption } from './namespace-adoption.ts';
import { namespaceDevices } from './namespace-devices.ts';
import type { NamespaceFields } from './namespace-devices.ts';
import type { NamespaceOnOntap } from './namespace-record.ts';
import { Namespaces } from './namespaces.ts';
import type { SplitTimers } from './split-timers.ts';

/** A namespace in a FlexVol of its own. */
export class NamespaceContainer extends DeviceContainer<NamespaceFields, NamespaceOnOntap> {
  constructor(backend: OntapBackend, timers: SplitTimers) {
    super(backend, timers, {
      devices: namespaceDevices(backend),
      adoption: (flexVols, volumes) => new NamespaceAdoption(flexVols, volumes, new Namespaces(backend)),
    });
  }
}
