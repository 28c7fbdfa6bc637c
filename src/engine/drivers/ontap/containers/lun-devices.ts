import type { OntapBackend } from '../backend.ts';
import { parseLunPlan } from '../plans/san-plan.ts';
import type { Devices } from './device.ts';
import { lunAttribute } from './lun-fields.ts';
import type { LunFields } from './lun-fields.ts';
import { lunFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunPath, lunRef, refOfLun } from './lun-ref.ts';
import { Luns } from './luns.ts';

/** LUNs as devices in FlexVols. */
export const lunDevices = (backend: OntapBackend): Devices<LunFields, LunOnOntap> => {
  const luns = new Luns(backend);
  return {
    noun: 'LUN',
    pathIn: lunPath,
    bytesOf: ({ details }) => parseLunPlan(details).bytes,
    allIn: (volume, signal) => luns.listIn(volume, lunFieldNames, signal),
    findAt: (path, signal) => luns.find(path, lunFieldNames, signal),
    getAll: (uuid, signal) => luns.findOwn(uuid, signal),
    sizeOf: (uuid, signal) => luns.sizeOf(uuid, signal),
    async make({ config, details }, { osType, attributes }, since, signal) {
      const { bytes, spaceAllocation, qosPolicy, poolName } = parseLunPlan(details);
      const draft = {
        name: lunPath(config.internalName),
        bytes,
        spaceAllocation,
        qosPolicy,
        comment: undefined,
        fields: { osType, attributes: { ...attributes, [lunAttribute.poolName]: poolName } },
      };
      return await luns.create(draft, since, signal);
    },
    /** Attributes come from the source; the policy does not. */
    async dress(lun, { details }, signal) {
      const { qosPolicy } = parseLunPlan(details);
      if (qosPolicy !== '') await luns.setQos(lun, qosPolicy, signal);
    },
    grow: (lun, bytes, signal) => luns.grow(lun, bytes, signal),
    read: lunRef,
    write: refOfLun,
    recorded: () => ({}),
    missing: (name) => luns.missing(name),
  };
};
