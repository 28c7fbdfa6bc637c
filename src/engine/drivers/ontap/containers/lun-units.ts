import type { ImportPlan, VolumePlan } from '../../objects.ts';
import { parseUnitImport } from '../plans/asa-import-plan.ts';
import { parseUnitPlan } from '../plans/asa-plan.ts';
import { asJson } from '../as-json.ts';
import type { OntapBackend } from '../backend.ts';
import { attributesFor, lunAttribute } from './lun-fields.ts';
import type { LunFields } from './lun-fields.ts';
import { lunFieldNames, lunImportFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunRef, refOfLun } from './lun-ref.ts';
import { LunRemover } from './lun-removal.ts';
import type { LunRelease } from './lun-removal.ts';
import { Luns } from './luns.ts';
import type { LunDraft } from './luns.ts';
import type { UnitDevices } from './unit-device.ts';

const draftOf = (plan: VolumePlan, { osType, attributes }: LunFields): LunDraft => {
  const { bytes, qosPolicy, poolName, comment } = parseUnitPlan(plan.details);
  return {
    name: plan.config.internalName,
    bytes,
    spaceAllocation: undefined,
    qosPolicy,
    comment,
    fields: { osType, attributes: { ...attributes, [lunAttribute.poolName]: poolName } },
  };
};

/** LUNs as storage units. */
export const lunUnits = (backend: OntapBackend, release: LunRelease): UnitDevices<LunFields, LunOnOntap> => {
  const luns = new Luns(backend);
  return {
    noun: 'LUN',
    remover: new LunRemover(backend, luns, release),
    findNamed: (name, signal) => luns.find(name, lunFieldNames, signal),
    getAll: (uuid, signal) => luns.findOwn(uuid, signal),
    async candidateNamed(name, signal) {
      const lun = await luns.find(name, lunImportFieldNames, signal);
      if (lun === undefined) return undefined;
      return {
        size: lun.space?.size ?? 0,
        facts: { state: lun.status?.state, serialNumber: lun.serial_number, created: lun.create_time },
        details: { lun: asJson(lun) },
      };
    },
    inImport({ details }: ImportPlan) {
      const { lun, comment } = parseUnitImport(details);
      return { device: lun, comment };
    },
    make: (plan, fields, since, signal) => luns.create(draftOf(plan, fields), since, signal),
    isOf(found, plan, since) {
      const attributes = attributesFor(plan.config, backend.environment.context);
      return luns.isDraft(found, draftOf(plan, { osType: 'linux', attributes }), since);
    },
    patch: (lun, body, change, signal) => luns.patch(lun, body, change, signal),
    grow: (lun, bytes, signal) => luns.grow(lun, bytes, signal),
    read: lunRef,
    write: refOfLun,
    writeRef: ({ uuid, name }) => ({ lun: { uuid, name, serial: '' } }),
    internalId: (name) => `/svm/${backend.facts.svm.name}/lun/${name}`,
    missing: (name) => luns.missing(name),
    taken: (name, found, refusal) => luns.taken(name, found, refusal),
  };
};
