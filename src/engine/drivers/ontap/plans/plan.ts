import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import { validate } from '../../../validation.ts';
import type { ClassRequest, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { parseFlag } from '../config/rules.ts';
import type { OntapSettings, PoolOptions } from '../config/settings.ts';
import type { Facts } from '../facts.ts';
import { isAtLeast } from '../facts.ts';
import { firstGiven, policyOf } from './given.ts';
import { commentOf, longestVolumeComment, renderLabels } from '../labels.ts';
import type { NameContext } from '../names.ts';
import {
  checkVolumeName,
  completeTemplate,
  emptyPolicyName,
  longestVolumeName,
  nameOnArray,
  templateData,
} from '../names.ts';
import { permissionsOf } from '../permissions.ts';
import type { StoredPool } from '../pools.ts';
import { parsePool } from '../pools.ts';
import { checkVolumeLimit, requestedBytes, snapshotReservePercent, volumeBytesFor } from '../sizing.ts';

/** What a plan holds beyond the volume's configuration; journalled with it. */
const detailsSchema = v.object({
  /** Size of the FlexVol, snapshot reserve included. */
  volumeBytes: v.number(),
  reservePercent: v.number(),
  comment: v.string(),
  /** ONTAP's spelling; empty: not sent. */
  tieringPolicy: v.string(),
  /** Name of a normal or adaptive policy; empty: none. */
  qosPolicy: v.string(),
});
export type PlanDetails = v.InferOutput<typeof detailsSchema>;

export const parsePlanDetails = (details: JsonObject): PlanDetails =>
  validate(detailsSchema, details, { code: 'plan.invalid', what: 'journalled plan' });

const option = (name: string, why: string): Problem =>
  new Problem('volume.option', 'invalid', `${name}: ${why}`, { nothingDone: true });

export const flagOf = (name: string, value: string): string => {
  const flag = parseFlag(value);
  if (flag === undefined) throw option(name, `${JSON.stringify(value)} is not "true" or "false"`);
  return String(flag);
};

const oneOf = (name: string, value: string, allowed: readonly string[]): string => {
  if (!allowed.includes(value)) throw option(name, `${JSON.stringify(value)} is not one of ${allowed.join(', ')}`);
  return value;
};

const provisioning: Readonly<Record<string, string>> = { thin: 'none', thick: 'volume' };

/** The pool's settings, or the backend's own for volumes whose pool is not known (imports, some clones). */
export const poolOrBackend = (
  pool: PoolRecord | undefined,
  settings: OntapSettings,
): Pick<StoredPool, 'options' | 'labels'> => (pool === undefined ? settings.backend : parsePool(pool));

export const nameContext = (
  pool: Pick<StoredPool, 'options' | 'labels'>,
  { settings, templateConfig }: Pick<OntapBackend, 'settings' | 'templateConfig'>,
): NameContext => ({
  prefix: settings.prefix,
  passThrough: settings.context === 'docker',
  nameTemplate: completeTemplate(pool.options.nameTemplate),
  labels: pool.labels,
  config: templateConfig,
});

/** The comment that carries the labels, filled in for this volume. */
export const commentFor = (config: VolumeConfig, context: NameContext): string =>
  commentOf(
    renderLabels(context.labels, () => templateData(config, context)),
    longestVolumeComment,
  );

/** ONTAP's word for the tiering policy; "" becomes `none`, or stays out where the system decides by itself. */
export const tieringPolicyOf = (configured: string, facts: Facts): string => {
  if (configured !== '') return configured.replaceAll('-', '_');
  return facts.disaggregated && isAtLeast(facts.version, 9, 17, 0) ? '' : 'none';
};

/** What publishing tells of a volume for files; enforced where the export policy follows the nodes. */
export const nasAccessInformation = (
  { accessInformation }: VolumeConfig,
  automatic: boolean,
): VolumeConfig['accessInformation'] =>
  automatic ? { ...accessInformation, publishEnforcement: true } : accessInformation;

/** Who may use the volume's SMB share: as asked for, and the administrator whom the pool names. */
export const shareAclFor = (
  { smbShareACL }: Pick<VolumeConfig, 'smbShareACL'>,
  adAdminUser: string,
): VolumeConfig['smbShareACL'] =>
  adAdminUser === '' ? smbShareACL : { ...smbShareACL, [adAdminUser]: 'full_control' };

/**
 * Options that file and block volumes have in common, in order of precedence: the request, the storage class, the pool
 * (ontap-drivers.md 5.5).
 */
export const resolveCommonOptions = (request: VolumeConfig, { attributes }: ClassRequest, options: PoolOptions) => {
  const encryption = firstGiven(request.encryption, attributes['encryption'], options.encryption);
  return {
    spaceReserve: oneOf(
      'spaceReserve',
      firstGiven(request.spaceReserve, provisioning[attributes['provisioningType'] ?? ''], options.spaceReserve),
      ['none', 'volume'],
    ),
    snapshotPolicy: firstGiven(request.snapshotPolicy, options.snapshotPolicy),
    snapshotReserve: firstGiven(request.snapshotReserve, options.snapshotReserve),
    encryption: encryption === '' ? '' : flagOf('encryption', encryption),
    splitOnClone: flagOf('splitOnClone', firstGiven(request.splitOnClone, options.splitOnClone)),
    skipRecoveryQueue: flagOf('skipRecoveryQueue', firstGiven(request.skipRecoveryQueue, options.skipRecoveryQueue)),
    // At creation only the pool decides about QoS and tiering.
    qosPolicy: options.qosPolicy,
    adaptiveQosPolicy: options.adaptiveQosPolicy,
    tieringPolicy: options.tieringPolicy,
  };
};

/** All options of a file volume. */
const resolveOptions = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  options: PoolOptions,
  settings: OntapSettings,
) => {
  const smb = settings.nasType === 'smb';
  return {
    ...resolveCommonOptions(request, storageClass, options),
    snapshotDirectory: flagOf('snapshotDirectory', firstGiven(request.snapshotDirectory, options.snapshotDir)),
    unixPermissions: firstGiven(request.unixPermissions, options.unixPermissions),
    exportPolicy: settings.autoExportPolicy
      ? emptyPolicyName(settings.prefix)
      : firstGiven(request.exportPolicy, options.exportPolicy),
    securityStyle: oneOf(
      'securityStyle',
      firstGiven(request.securityStyle, options.securityStyle),
      smb ? ['ntfs', 'mixed'] : ['unix', 'mixed'],
    ),
    fileSystem: smb ? 'smb' : 'nfs',
    smbShareACL: shareAclFor(request, options.adAdminUser),
  };
};

/** FNV-1a, to spread volumes over aggregates in an order that a repeated plan finds again. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
};

/** The aggregates to try for a volume: those with the media asked for, in an order that differs from volume to volume. */
export const placementOf = (
  name: string,
  pool: PoolRecord,
  stored: StoredPool,
  { attributes }: ClassRequest,
): readonly string[] => {
  // The system chooses by itself; an empty name stands for "no aggregate in the request".
  if (stored.aggregates.length === 0) return [''];
  const media = attributes['media'];
  const fitting = stored.aggregates.filter((aggregate) => media === undefined || aggregate.media === media);
  if (fitting.length === 0)
    throw new Problem(
      'pool.ineligible',
      'unsupported',
      `pool ${pool.name} has no aggregate with media ${String(media)}`,
      { nothingDone: true },
    );
  const rank = (aggregate: string) => hash(`${aggregate}/${name}`);
  return fitting.map((aggregate) => aggregate.name).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
};

/** Resolves a request for a pool: name, size, every option. No array call. */
export const planVolume = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  pool: PoolRecord,
  backend: OntapBackend,
): VolumePlan => {
  const { settings, facts } = backend;
  const stored = parsePool(pool);
  const context = nameContext(stored, backend);
  const bytes = requestedBytes(request.size, stored.options.size);
  const options = resolveOptions(request, storageClass, stored.options, settings);
  const named = { ...request, size: bytes };
  const config: VolumeConfig = {
    ...named,
    ...options,
    internalName: nameOnArray(named, context),
    accessInformation: nasAccessInformation(request, settings.autoExportPolicy),
  };
  checkVolumeName(config.internalName, longestVolumeName);
  checkVolumeLimit(bytes, settings.limitVolumeSize);
  if (config.unixPermissions !== '') permissionsOf(config.unixPermissions);
  const reservePercent = snapshotReservePercent(config.snapshotReserve, config.snapshotPolicy);
  const details: PlanDetails = {
    volumeBytes: volumeBytesFor(bytes, reservePercent),
    reservePercent,
    comment: commentFor(config, context),
    tieringPolicy: tieringPolicyOf(config.tieringPolicy, facts),
    qosPolicy: policyOf(config),
  };
  return { config, pool, placement: placementOf(config.internalName, pool, stored, storageClass), details };
};
