import type { ImportPlan, VolumePlan } from '../../objects.ts';
import { parseUnitPlan } from '../plans/asa-plan.ts';
import { asJson } from '../as-json.ts';
import type { OntapBackend } from '../backend.ts';
import { ontapCode } from '../client/codes.ts';
import { parseNamespaceUnitImport } from '../plans/nvme-unit-plan.ts';
import { DeviceRemover } from './device-removal.ts';
import type { DeviceRelease } from './device-removal.ts';
import type { NamespaceFields } from './namespace-devices.ts';
import { namespaceFieldNames, namespaceImportFieldNames } from './namespace-record.ts';
import type { NamespaceOnOntap } from './namespace-record.ts';
import { namespaceRef, refOfNamespace } from './namespace-ref.ts';
import { Namespaces } from './namespaces.ts';
import type { NamespaceDraft } from './namespaces.ts';
import type { UnitDevices } from './unit-device.ts';

const draftOf = ({ config, details }: VolumePlan, osType: string): NamespaceDraft => {
  const { bytes, comment, qosPolicy } = parseUnitPlan(details);
  return { name: config.internalName, bytes, comment, osType, qosPolicy };
};

/** Namespaces as storage units. */
export const namespaceUnits = (
  backend: OntapBackend,
  release: DeviceRelease,
): UnitDevices<NamespaceFields, NamespaceOnOntap> => {
  const namespaces = new Namespaces(backend);
  const deletable = {
    noun: 'namespace',
    path: '/storage/namespaces',
    mappedCode: ontapCode.namespaceMapped,
    isThere: async (uuid: string, signal: AbortSignal) =>
      (await namespaces.findByUuid(uuid, 'name', signal)) !== undefined,
  };
  return {
    noun: 'namespace',
    remover: new DeviceRemover(backend, deletable, release),
    findNamed: (name, signal) => namespaces.find(name, namespaceFieldNames, signal),
    getAll: (uuid, signal) => namespaces.findOwn(uuid, signal),
    async candidateNamed(name, signal) {
      const found = await namespaces.find(name, namespaceImportFieldNames, signal);
      if (found === undefined) return undefined;
      return {
        size: found.space?.size ?? 0,
        facts: {
          state: found.status?.state,
          mappedTo: found.subsystem_map?.subsystem?.name ?? '',
          created: found.create_time,
        },
        details: { namespace: asJson(found) },
      };
    },
    inImport({ details }: ImportPlan) {
      const { namespace, comment } = parseNamespaceUnitImport(details);
      return { device: namespace, comment };
    },
    make: (plan, { osType }, since, signal) => namespaces.create(draftOf(plan, osType), since, signal),
    isOf: (found, plan, since) => namespaces.isDraft(found, draftOf(plan, 'linux'), since),
    patch: (namespace, body, change, signal) => namespaces.patch(namespace, body, change, signal),
    grow: (namespace, bytes, signal) => namespaces.grow(namespace, bytes, signal),
    read: namespaceRef,
    write: refOfNamespace,
    writeRef: refOfNamespace,
    internalId: (name) => `/svm/${backend.facts.svm.name}/namespace/${name}`,
    missing: (name) => namespaces.missing(name),
    taken: (name, found, refusal) => namespaces.taken(name, found, refusal),
  };
};
