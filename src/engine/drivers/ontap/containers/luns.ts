import type { OntapBackend } from '../backend.ts';
import { ontapCode } from '../client/codes.ts';
import type { DeviceRef } from './device.ts';
import type { LunFields } from './lun-fields.ts';
import { attributeOf, describeLun, lunFieldNames, lunSchema } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { madeSince } from './origin.ts';
import { isRoundedUp, SvmDevices } from './svm-devices.ts';
import type { DeviceKind } from './svm-devices.ts';

const kind: DeviceKind<LunOnOntap> = {
  noun: 'LUN',
  path: '/storage/luns',
  schema: lunSchema,
  fieldNames: lunFieldNames,
  sameSize: ontapCode.lunSameSize,
  shrink: ontapCode.lunShrink,
  describe: describeLun,
};

/** A LUN to be made. */
export interface LunDraft {
  /** Path in a FlexVol, or simple name of a unit. */
  readonly name: string;
  readonly bytes: number;
  /** Undefined where the array does not let one choose. */
  readonly spaceAllocation: boolean | undefined;
  /** Empty: none. */
  readonly qosPolicy: string;
  /** Undefined: not sent. */
  readonly comment: string | undefined;
  readonly fields: LunFields;
}

const policyBody = (qosPolicy: string) => (qosPolicy === '' ? {} : { qos_policy: { name: qosPolicy } });

/** LUNs of the SVM. */
export class Luns extends SvmDevices<LunOnOntap> {
  constructor(backend: OntapBackend) {
    super(backend, kind);
  }

  /**
   * Makes a LUN, with its attributes, in one POST.
   * @returns what the array told of it; undefined when it made it and told nothing
   */
  create(draft: LunDraft, since: Date, signal: AbortSignal) {
    const thin = { guarantee: { requested: false }, scsi_thin_provisioning_support_enabled: draft.spaceAllocation };
    const body = {
      os_type: draft.fields.osType,
      space: { size: draft.bytes, ...(draft.spaceAllocation === undefined ? {} : thin) },
      attributes: Object.entries(draft.fields.attributes).map(([name, value]) => ({ name, value })),
      ...(draft.comment === undefined ? {} : { comment: draft.comment }),
      ...policyBody(draft.qosPolicy),
    };
    return this.post(draft.name, body, (found) => this.isDraft(found, draft, since), signal);
  }

  /**
   * Makes a LUN of another one in the same FlexVol; attributes come from there.
   * @returns what the array told of it; undefined when it made it and told nothing
   */
  clone(
    draft: { readonly name: string; readonly source: string; readonly qosPolicy: string },
    since: Date,
    signal: AbortSignal,
  ) {
    const body = { clone: { source: { name: draft.source } }, ...policyBody(draft.qosPolicy) };
    return this.post(draft.name, body, (found) => madeSince(this.backend, found, since), signal);
  }

  /** Made since, and such as the draft makes it. */
  isDraft(found: LunOnOntap, draft: LunDraft, since: Date): boolean {
    return (
      madeSince(this.backend, found, since) &&
      found.name === draft.name &&
      found.os_type === draft.fields.osType &&
      isRoundedUp(found, draft.bytes) &&
      found.status?.mapped !== true &&
      Object.entries(draft.fields.attributes).every(([name, value]) => attributeOf(found, name) === value)
    );
  }

  /** Gives a LUN a QoS policy. */
  async setQos(lun: DeviceRef, policy: string, signal: AbortSignal): Promise<void> {
    const change = {
      fields: 'qos_policy.name',
      // Sending it once more is harmless, and saves reading the policy.
      done: () => false,
      what: `giving LUN ${lun.name} the QoS policy ${policy}`,
    };
    if (!(await this.patch(lun, { qos_policy: { name: policy } }, change, signal))) throw this.missing(lun.name);
  }
}
