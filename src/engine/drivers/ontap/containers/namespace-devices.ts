import type { OntapBackend } from '../backend.ts';
import { parseNamespacePlan } from '../plans/nvme-plan.ts';
import type { Devices } from './device.ts';
import { namespaceFieldNames } from './namespace-record.ts';
import type { NamespaceOnOntap } from './namespace-record.ts';
import { namespacePath, namespaceRef, refOfNamespace } from './namespace-ref.ts';
import { Namespaces } from './namespaces.ts';

/** What NVMe access wants of a new namespace. */
export interface NamespaceFields {
  readonly osType: string;
}

/** Namespaces as devices in FlexVols. Their record's `internalID` is their path, as other Tridents look for them there. */
export const namespaceDevices = (backend: OntapBackend): Devices<NamespaceFields, NamespaceOnOntap> => {
  const namespaces = new Namespaces(backend);
  return {
    noun: 'namespace',
    pathIn: namespacePath,
    bytesOf: ({ details }) => parseNamespacePlan(details).bytes,
    allIn: (volume, signal) => namespaces.listIn(volume, namespaceFieldNames, signal),
    findAt: (path, signal) => namespaces.find(path, namespaceFieldNames, signal),
    getAll: (uuid, signal) => namespaces.findOwn(uuid, signal),
    sizeOf: (uuid, signal) => namespaces.sizeOf(uuid, signal),
    async make({ config, details }, { osType }, since, signal) {
      const draft = { name: namespacePath(config.internalName), osType, ...parseNamespacePlan(details) };
      return await namespaces.create(draft, since, signal);
    },
    async dress() {
      // The comment comes from the source, and the QoS policy is the FlexVol's.
    },
    grow: (namespace, bytes, signal) => namespaces.grow(namespace, bytes, signal),
    read: namespaceRef,
    write: refOfNamespace,
    recorded: ({ name }) => ({ internalID: name }),
    missing: (name) => namespaces.missing(name),
  };
};
