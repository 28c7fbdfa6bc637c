import type { VolumeConfig } from '../../../orchestrator/model.ts';
import type { ClonePlan, ImportCandidate, ImportPlan, Settled, VolumeHandle, VolumePlan } from '../../driver.ts';
import { parseUnitPlan } from '../asa-plan.ts';
import { parseUnitImport } from '../asa-import-plan.ts';
import { asJson } from '../as-json.ts';
import type { OntapBackend } from '../backend.ts';
import { isDuplicate } from '../client/codes.ts';
import { afterWork } from '../../../problem.ts';
import { parseCloneDetails } from '../clone-plan.ts';
import type { Contained, Container, Wish } from '../parts.ts';
import { checkVolumeLimit } from '../sizing.ts';
import { removeAutomaticSnapshot } from './automatic-snapshot.ts';
import { shrinkRefused } from './device.ts';
import { DeviceSnapshots } from './device-snapshots.ts';
import { attributesFor, lunAttribute } from './lun-fields.ts';
import type { LunFields } from './lun-fields.ts';
import { lunFieldNames, lunImportFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunRef, refOfLun } from './lun-ref.ts';
import { LunRemover } from './lun-removal.ts';
import type { LunRelease } from './lun-removal.ts';
import { Luns } from './luns.ts';
import type { LunDraft } from './luns.ts';
import { VolumeSnapshots } from './snapshots.ts';
import type { SplitTimers } from './split-timers.ts';
import { UnitCloning } from './unit-clone.ts';
import { Units } from './units.ts';
import { untilSeen } from './volumes.ts';

/** A LUN that is a storage unit of ASA r2: no volume is to be seen around it, and the array places it. */
export class UnitContainer implements Container<LunFields, LunOnOntap> {
  readonly snapshots: DeviceSnapshots;
  readonly #backend: OntapBackend;
  readonly #luns: Luns;
  readonly #units: Units;
  readonly #remover: LunRemover;
  readonly #cloning: UnitCloning;

  constructor(backend: OntapBackend, timers: SplitTimers, release: LunRelease) {
    this.#backend = backend;
    this.#luns = new Luns(backend);
    this.#units = new Units(backend, (volume) => lunRef(volume.ref)?.uuid);
    this.#remover = new LunRemover(backend, this.#luns, release);
    const snapshots = new VolumeSnapshots(backend, this.#units, timers);
    this.snapshots = new DeviceSnapshots(snapshots);
    this.#cloning = new UnitCloning(backend, this.#units, snapshots);
  }

  async create(plan: VolumePlan, wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const draft = draftOf(plan, wish.fields);
    const since = this.#backend.environment.now();
    const outcome = await this.#luns.create(draft, since, signal);
    if (outcome.kind === 'ok') {
      const made = outcome.value ?? (await this.#getMade(draft.name, signal));
      return this.#contained(plan.config, made);
    }
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal))
      throw this.#luns.taken(draft.name, await this.#luns.find(draft.name, lunFieldNames, signal), outcome.refusal);
    // A job that failed half-way may leave a LUN.
    if (outcome.kind === 'refused' && outcome.refusal.status < 400) await this.discard(plan, since, signal);
    throw this.#backend.problem(outcome, `creating LUN ${draft.name}`);
  }

  async discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const { environment } = this.#backend;
    const attributes = attributesFor(plan.config, environment.context);
    const draft = draftOf(plan, { osType: 'linux', attributes });
    const found = await this.#luns.find(draft.name, lunFieldNames, signal);
    if (found === undefined) {
      await this.#remover.refuseRunningCreation(draft.name, since, signal);
      return 'absent';
    }
    if (!this.#luns.isDraft(found, draft, since)) return 'foreign';
    await this.#remove(found, signal);
    return 'removed';
  }

  /** The comment of the source is the clone's too; it is replaced when the labels are others. */
  async clone(plan: ClonePlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const automatic = await this.#cloning.clone(plan, signal);
    try {
      const name = plan.config.internalName;
      const { comment, split } = parseCloneDetails(plan.details);
      const { qosPolicy } = parseUnitPlan(plan.details);
      const lun = await this.#getMade(name, signal);
      const body = {
        ...(lun.comment === comment ? {} : { comment }),
        ...(qosPolicy === '' ? {} : { qos_policy: { name: qosPolicy } }),
      };
      if (Object.keys(body).length > 0) await this.#dress(lun, body, comment, signal);
      if (split) await this.#cloning.split(lun.uuid, name, signal);
      const made = this.#contained(plan.config, lun);
      return { ...made, ref: { ...made.ref, ...automatic } };
    } catch (error) {
      throw afterWork(error);
    }
  }

  discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#cloning.discard(plan, since, (unit) => this.#remove(unit, signal), signal);
  }

  find(volume: VolumeHandle, signal: AbortSignal): Promise<LunOnOntap | undefined> {
    const known = lunRef(volume.ref);
    return known === undefined
      ? this.#luns.find(volume.config.internalName, lunFieldNames, signal)
      : this.#luns.findByUuid(known.uuid, lunFieldNames, signal);
  }

  async findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    const lun = await this.#luns.find(originalName, lunImportFieldNames, signal);
    if (lun === undefined) return undefined;
    return {
      size: lun.space?.size ?? 0,
      facts: { state: lun.status?.state, serialNumber: lun.serial_number, created: lun.create_time },
      details: { lun: asJson(lun) },
    };
  }

  async adopt(plan: ImportPlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const { lun, comment } = parseUnitImport(plan.details);
    const name = plan.config.internalName;
    const done = this.#contained(plan.config, { ...lun, name });
    if (plan.config.importNotManaged) return done;
    const body = {
      ...(name === lun.name ? {} : { name }),
      ...(comment === '' || comment === lun.comment ? {} : { comment }),
    };
    if (Object.keys(body).length === 0) return done;
    const change = {
      fields: 'comment',
      done: (found: LunOnOntap) => found.name === name && (comment === '' || found.comment === comment),
      what: `importing LUN ${plan.originalName}`,
    };
    if (!(await this.#luns.patch(lun, body, change, signal))) throw this.#luns.missing(plan.originalName);
    return done;
  }

  async giveBack(plan: ImportPlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<void> {
    if (plan.config.importNotManaged) return;
    const { lun: before, comment } = parseUnitImport(plan.details);
    const now = await this.#luns.findByUuid(before.uuid, 'comment', signal);
    if (now === undefined) return;
    const body = {
      ...(now.name === plan.config.internalName && now.name !== before.name ? { name: before.name } : {}),
      ...(comment !== '' && now.comment === comment && now.comment !== before.comment
        ? { comment: before.comment }
        : {}),
    };
    if (Object.keys(body).length === 0) return;
    const change = {
      fields: 'comment',
      done: (found: LunOnOntap) => found.name === before.name && found.comment === before.comment,
      what: `giving LUN ${now.name} back its name and comment`,
    };
    await this.#luns.patch(now, body, change, signal);
  }

  async remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    const lun = lunRef(volume.ref) ?? (await this.#luns.find(volume.config.internalName, lunFieldNames, signal));
    if (lun !== undefined) await this.#remove(lun, signal);
    const refOf = (uuid: string, name: string) => ({ lun: { uuid, name, serial: '' } });
    await removeAutomaticSnapshot(this.snapshots, volume, refOf, signal);
  }

  /** The array refuses to make a LUN smaller; then, and for volumes of another Trident, a look tells its size. */
  async resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    const { config } = volume;
    checkVolumeLimit(bytes, this.#backend.settings.limitVolumeSize);
    const known = lunRef(volume.ref);
    const lun = known ?? (await this.#luns.find(config.internalName, lunFieldNames, signal));
    if (lun === undefined) throw this.#luns.missing(config.internalName);
    const ref = { lun: { uuid: lun.uuid, name: lun.name, serial: 'serial' in lun ? lun.serial : lun.serial_number } };
    if (await this.#luns.grow(lun, bytes, signal)) return { ref, size: bytes, config: {} };
    const found = await this.#luns.findByUuid(lun.uuid, 'space.size', signal);
    throw shrinkRefused('LUN', config.internalName, bytes, found?.space?.size ?? config.size);
  }

  async #dress(
    lun: LunOnOntap,
    body: Readonly<Record<string, unknown>>,
    comment: string,
    signal: AbortSignal,
  ): Promise<void> {
    const change = {
      fields: 'comment',
      done: (found: LunOnOntap) => !('qos_policy' in body) && found.comment === comment,
      what: `setting up clone ${lun.name}`,
    };
    if (!(await this.#luns.patch(lun, body, change, signal))) throw this.#luns.missing(lun.name);
  }

  #remove({ uuid, name }: { readonly uuid: string; readonly name: string }, signal: AbortSignal): Promise<void> {
    return this.#remover.remove({ uuid, name }, (inner) => this.#units.clonesNamed(uuid, inner), signal);
  }

  async #getMade(name: string, signal: AbortSignal): Promise<LunOnOntap> {
    const found = await untilSeen(this.#backend, (inner) => this.#luns.find(name, lunFieldNames, inner), signal);
    if (found === undefined) throw this.#luns.missing(name);
    return found;
  }

  #contained({ size }: VolumeConfig, lun: LunOnOntap): Contained {
    return {
      ref: refOfLun(lun),
      size,
      config: { internalID: `/svm/${this.#backend.facts.svm.name}/lun/${lun.name}` },
    };
  }
}

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
