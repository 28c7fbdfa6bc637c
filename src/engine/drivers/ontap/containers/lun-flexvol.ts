import type { Problem } from '../../../problem.ts';
import { afterWork } from '../../../problem.ts';
import type { ClonePlan, ImportCandidate, ImportPlan, Settled, VolumeHandle, VolumePlan } from '../../driver.ts';
import type { OntapBackend } from '../backend.ts';
import type { Contained, Container, Wish } from '../parts.ts';
import { parseLunPlan } from '../san-plan.ts';
import { FlexVolContainer } from './flexvol.ts';
import { LunAdoption } from './lun-adoption.ts';
import { lunAttribute } from './lun-fields.ts';
import type { LunFields } from './lun-fields.ts';
import { lunFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunPath, lunRef, refOfLun } from './lun-ref.ts';
import { LunResize } from './lun-resize.ts';
import { Luns } from './luns.ts';
import type { LunDraft } from './luns.ts';
import type { NasFields } from './nas-fields.ts';
import { DeviceSnapshots } from './device-snapshots.ts';
import type { SplitTimers } from './split-timers.ts';
import { VolumeRemover } from './volume-removal.ts';
import { Volumes, untilSeen, volumeRef } from './volumes.ts';

const unmounted = (fields: NasFields): Wish<NasFields> => ({ fields, repair: async () => false });

/** A LUN in a FlexVol of its own: the FlexVol is made, cloned, snapshotted and removed; the LUN goes with it. */
export class LunContainer implements Container<LunFields, LunOnOntap> {
  readonly snapshots: DeviceSnapshots;
  readonly #backend: OntapBackend;
  readonly #flexVols: FlexVolContainer;
  readonly #volumes: Volumes;
  readonly #remover: VolumeRemover;
  readonly #luns: Luns;
  readonly #adoption: LunAdoption;
  readonly #resize: LunResize;

  constructor(backend: OntapBackend, timers: SplitTimers) {
    this.#backend = backend;
    this.#flexVols = new FlexVolContainer(backend, timers);
    this.#volumes = new Volumes(backend, 'flexvol');
    this.#remover = new VolumeRemover(backend, this.#volumes);
    this.#luns = new Luns(backend);
    this.snapshots = new DeviceSnapshots(this.#flexVols.snapshots);
    this.#adoption = new LunAdoption(this.#flexVols, this.#volumes, this.#luns);
    this.#resize = new LunResize(backend, this.#volumes, this.#luns);
  }

  /** One POST for the FlexVol, one for the LUN with all it needs. A LUN that is refused takes its FlexVol with it. */
  async create(plan: VolumePlan, wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const { exportPolicy, securityStyle } = plan.config;
    const made = await this.#flexVols.create(plan, unmounted({ exportPolicy, securityStyle }), signal);
    const draft = draftOf(plan, wish.fields);
    const outcome = await this.#luns.create(draft, this.#backend.environment.now(), signal);
    if (outcome.kind === 'ok') {
      const lun = outcome.value ?? (await this.#getMade(draft.name, signal));
      return { ...made, ref: { ...made.ref, ...refOfLun(lun) } };
    }
    const problem = this.#backend.problem(outcome, `creating LUN ${draft.name}`);
    throw outcome.kind === 'refused' ? await this.#withdrawn(made, plan.config.internalName, problem, signal) : problem;
  }

  /** A volume that holds another LUN than the plan's is somebody else's, however alike it is. */
  async discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const { bytes } = parseLunPlan(plan.details);
    const name = plan.config.internalName;
    const inside = await this.#luns.listIn(name, lunFieldNames, signal);
    const explained = inside.every((lun) => lun.name === lunPath(name) && (lun.space?.size ?? bytes) >= bytes);
    return explained && inside.length <= 1 ? this.#flexVols.discard(plan, since, signal) : 'foreign';
  }

  async clone(plan: ClonePlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const made = await this.#flexVols.clone(plan, unmounted({}), signal);
    try {
      const name = plan.config.internalName;
      const lun = await untilSeen(this.#backend, (inner) => this.#luns.findOnly(name, inner), signal);
      if (lun === undefined) throw this.#luns.missing(lunPath(name));
      const { qosPolicy } = parseLunPlan(plan.details);
      if (qosPolicy !== '') await this.#luns.setQos(lun, qosPolicy, signal);
      return { ...made, ref: { ...made.ref, ...refOfLun(lun) } };
    } catch (error) {
      throw afterWork(error);
    }
  }

  discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#flexVols.discardClone(plan, since, signal);
  }

  async find(volume: VolumeHandle, signal: AbortSignal): Promise<LunOnOntap | undefined> {
    const known = lunRef(volume.ref);
    return known === undefined
      ? this.#luns.findOnly(volume.config.internalName, signal)
      : this.#luns.findByUuid(known.uuid, lunFieldNames, signal);
  }

  findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    return this.#adoption.find(originalName, signal);
  }

  adopt(plan: ImportPlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    return this.#adoption.adopt(plan, signal);
  }

  giveBack(plan: ImportPlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<void> {
    return this.#adoption.giveBack(plan, signal);
  }

  remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    return this.#flexVols.remove(volume, signal);
  }

  resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    return this.#resize.resize(volume, bytes, signal);
  }

  async #getMade(name: string, signal: AbortSignal): Promise<LunOnOntap> {
    const found = await untilSeen(this.#backend, (inner) => this.#luns.find(name, lunFieldNames, inner), signal);
    if (found === undefined) throw this.#luns.missing(name);
    return found;
  }

  /** Removes the FlexVol of a LUN that was refused. The problem counts as certain only when that worked. */
  async #withdrawn(made: Contained, name: string, problem: Problem, signal: AbortSignal): Promise<unknown> {
    const volume = volumeRef(made.ref);
    if (volume === undefined) return afterWork(problem);
    try {
      await this.#remover.remove(volume.uuid, name, true, signal);
      return problem;
    } catch {
      signal.throwIfAborted();
      return afterWork(problem);
    }
  }
}

const draftOf = (plan: VolumePlan, { osType, attributes }: LunFields): LunDraft => {
  const { bytes, spaceAllocation, qosPolicy, poolName } = parseLunPlan(plan.details);
  return {
    name: lunPath(plan.config.internalName),
    bytes,
    spaceAllocation,
    qosPolicy,
    comment: undefined,
    fields: { osType, attributes: { ...attributes, [lunAttribute.poolName]: poolName } },
  };
};
