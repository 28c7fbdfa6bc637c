import type { OntapBackend } from '../backend.ts';
import { ontapCode } from '../client/codes.ts';
import { describeDevice, isRoundedUp, SvmDevices } from './svm-devices.ts';
import type { DeviceKind } from './svm-devices.ts';
import { namespaceFieldNames, namespaceSchema } from './namespace-record.ts';
import type { NamespaceOnOntap } from './namespace-record.ts';
import { madeSince } from './origin.ts';

const kind: DeviceKind<NamespaceOnOntap> = {
  noun: 'namespace',
  path: '/storage/namespaces',
  schema: namespaceSchema,
  fieldNames: namespaceFieldNames,
  shrink: ontapCode.namespaceShrink,
  describe: describeDevice,
};

/** A namespace to be made. */
export interface NamespaceDraft {
  /** Path in a FlexVol, or simple name of a unit. */
  readonly name: string;
  readonly bytes: number;
  readonly comment: string;
  readonly osType: string;
  /** Empty: none. */
  readonly qosPolicy: string;
}

/** Bytes of a block; hosts see devices with sectors of this size. */
const blockBytes = 4096;

/** NVMe namespaces of the SVM. */
export class Namespaces extends SvmDevices<NamespaceOnOntap> {
  constructor(backend: OntapBackend) {
    super(backend, kind);
  }

  /**
   * Makes a namespace in one POST.
   * @returns what the array told of it; undefined when it made it and told nothing
   */
  create(draft: NamespaceDraft, since: Date, signal: AbortSignal) {
    const body = {
      os_type: draft.osType,
      space: { size: draft.bytes, block_size: blockBytes },
      comment: draft.comment,
      ...(draft.qosPolicy === '' ? {} : { qos_policy: { name: draft.qosPolicy } }),
    };
    return this.post(draft.name, body, (found) => this.isDraft(found, draft, since), signal);
  }

  /** Made since, and such as the draft makes it. */
  isDraft(found: NamespaceOnOntap, draft: NamespaceDraft, since: Date): boolean {
    return (
      madeSince(this.backend, found, since) &&
      found.name === draft.name &&
      found.os_type === draft.osType &&
      found.comment === draft.comment &&
      found.status?.mapped !== true &&
      isRoundedUp(found, draft.bytes)
    );
  }
}
