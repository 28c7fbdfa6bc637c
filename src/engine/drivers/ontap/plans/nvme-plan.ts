import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { validate } from '../../../validation.ts';
import type { ClassRequest, ClonePlan, SnapshotHandle, VolumeHandle, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { namespaceComment } from '../containers/namespace-comment.ts';
import { policyOf } from './given.ts';
import { planDeviceClone } from './san-clone-plan.ts';
import { planDevice } from './san-plan.ts';
import { deviceBytes } from '../san-sizing.ts';

const namespacePlanSchema = v.object({
  namespace: v.object({
    /** Size of the device, LUKS metadata included. */
    bytes: v.number(),
    /** By which another Trident knows the namespace again; empty for clones, which have their source's. */
    comment: v.string(),
    /** Name of a normal or adaptive policy for the namespace itself; empty: none. */
    qosPolicy: v.string(),
  }),
});
export type NamespacePlan = v.InferOutput<typeof namespacePlanSchema>['namespace'];

export const parseNamespacePlan = (details: JsonObject): NamespacePlan =>
  validate(namespacePlanSchema, details, { code: 'plan.invalid', what: 'journalled plan of a namespace' }).namespace;

/** Resolves a request for a namespace in a FlexVol of its own. The QoS policy is the FlexVol's (ontap-drivers.md 13.1). */
export const planNvmeVolume = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  pool: PoolRecord,
  backend: OntapBackend,
): VolumePlan => {
  const { config, placement, bytes, flexVol } = planDevice(request, storageClass, pool, backend);
  const namespace: NamespacePlan = {
    bytes,
    comment: namespaceComment(config, backend.settings.context, ''),
    qosPolicy: '',
  };
  return { config, pool, placement, details: { ...flexVol, qosPolicy: policyOf(config), namespace } };
};

/** Resolves a clone with a namespace in it. */
export const planNvmeClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  backend: OntapBackend,
): ClonePlan => {
  const { config, flexVol } = planDeviceClone(request, source, snapshot, pool, backend);
  const namespace: NamespacePlan = { bytes: deviceBytes(config.size, config), comment: '', qosPolicy: '' };
  return { config, source, snapshot, details: { ...flexVol, qosPolicy: policyOf(request), namespace } };
};
