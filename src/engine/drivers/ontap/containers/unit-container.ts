import { emptyVolumeConfig } from '../../../orchestrator/model.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { afterWork } from '../../../problem.ts';
import type {
  ClonePlan,
  ImportCandidate,
  ImportPlan,
  Settled,
  SnapshotHandle,
  VolumeHandle,
  VolumePlan,
} from '../../objects.ts';
import { parseUnitPlan } from '../plans/asa-plan.ts';
import type { OntapBackend } from '../backend.ts';
import { isDuplicate } from '../client/codes.ts';
import { parseCloneDetails } from '../plans/clone-plan.ts';
import type { Contained, Container, Wish } from '../parts.ts';
import { recordedSize } from '../san-sizing.ts';
import { checkVolumeLimit } from '../sizing.ts';
import { removeAutomaticSnapshot } from './automatic-snapshot.ts';
import type { DeviceRef } from './device.ts';
import { shrinkRefused } from './device.ts';
import { DeviceSnapshots } from './device-snapshots.ts';
import { VolumeSnapshots } from './snapshots.ts';
import type { SplitTimers } from './split-timers.ts';
import { UnitCloning } from './unit-clone.ts';
import type { UnitDevice, UnitDevices } from './unit-device.ts';
import { Units } from './units.ts';
import type { Loner } from './volume-groups.ts';
import { VolumeGroups } from './volume-groups.ts';
import { untilSeen } from './until-seen.ts';

const units: Loner = {
  noun: 'storage unit',
  why: 'consistency groups of ASA r2 are made of new storage units, and take none that are there',
};

/** A LUN or namespace that is a storage unit of ASA r2: no volume is to be seen around it, and the array places it. */
export class UnitContainer<Fields, D extends UnitDevice> implements Container<Fields, D> {
  readonly snapshots: DeviceSnapshots;
  readonly groups: VolumeGroups;
  readonly #backend: OntapBackend;
  readonly #devices: UnitDevices<Fields, D>;
  readonly #units: Units;
  readonly #unitSnapshots: VolumeSnapshots;
  readonly #cloning: UnitCloning;

  constructor(backend: OntapBackend, timers: SplitTimers, devices: UnitDevices<Fields, D>) {
    this.#backend = backend;
    this.#devices = devices;
    this.#units = new Units(backend, (volume) => devices.read(volume.ref)?.uuid);
    this.#unitSnapshots = new VolumeSnapshots(backend, this.#units, timers);
    this.snapshots = new DeviceSnapshots(this.#unitSnapshots);
    this.groups = new VolumeGroups({
      backend,
      holderOf: async (volume, signal) =>
        devices.read(volume.ref) ?? this.#units.find(volume.config.internalName, signal),
      snapshots: this.snapshots,
      holderSnapshots: this.snapshots,
      handleOf: ({ uuid, name }) => ({
        config: { ...emptyVolumeConfig, internalName: name },
        ref: devices.writeRef({ uuid, name }),
      }),
      loner: units,
    });
    this.#cloning = new UnitCloning(backend, this.#units, this.#unitSnapshots);
  }

  async create(plan: VolumePlan, wish: Wish<Fields>, signal: AbortSignal): Promise<Contained> {
    const devices = this.#devices;
    const name = plan.config.internalName;
    const since = this.#backend.environment.now();
    const outcome = await devices.make(plan, wish.fields, since, signal);
    if (outcome.kind === 'ok')
      return this.#contained(plan.config, outcome.value ?? (await this.#getMade(name, signal)));
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal))
      throw devices.taken(name, await devices.findNamed(name, signal), outcome.refusal);
    // A job that failed half-way may leave a device.
    if (outcome.kind === 'refused' && outcome.refusal.status < 400) await this.discard(plan, since, signal);
    throw this.#backend.problem(outcome, `creating ${devices.noun} ${name}`);
  }

  async discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const name = plan.config.internalName;
    const found = await this.#devices.findNamed(name, signal);
    if (found === undefined) {
      await this.#devices.remover.refuseRunningCreation(name, since, signal);
      return 'absent';
    }
    if (!this.#devices.isOf(found, plan, since)) return 'foreign';
    await this.#remove(found, signal);
    return 'removed';
  }

  /** The comment of the source is the clone's too; it is replaced when the labels are others. */
  async clone(plan: ClonePlan, _wish: Wish<Fields>, signal: AbortSignal): Promise<Contained> {
    const automatic = await this.#cloning.clone(plan, signal);
    try {
      const name = plan.config.internalName;
      const { comment, split } = parseCloneDetails(plan.details);
      const { qosPolicy } = parseUnitPlan(plan.details);
      const device = await this.#getMade(name, signal);
      const body = {
        ...(device.comment === comment ? {} : { comment }),
        ...(qosPolicy === '' ? {} : { qos_policy: { name: qosPolicy } }),
      };
      if (Object.keys(body).length > 0) await this.#dress(device, body, comment, signal);
      // The snapshot may be older than a resize of its source.
      if ((device.space?.size ?? 0) < plan.config.size) await this.#devices.grow(device, plan.config.size, signal);
      if (split) await this.#cloning.split(device.uuid, name, signal);
      const made = this.#contained(plan.config, device);
      return { ...made, ref: { ...made.ref, ...automatic } };
    } catch (error) {
      throw afterWork(error);
    }
  }

  discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#cloning.discard(plan, since, (unit) => this.#remove(unit, signal), signal);
  }

  find(volume: VolumeHandle, signal: AbortSignal): Promise<D | undefined> {
    const known = this.#devices.read(volume.ref);
    return known === undefined
      ? this.#devices.findNamed(volume.config.internalName, signal)
      : this.#devices.getAll(known.uuid, signal);
  }

  findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    return this.#devices.candidateNamed(originalName, signal);
  }

  async adopt(plan: ImportPlan, _wish: Wish<Fields>, signal: AbortSignal): Promise<Contained> {
    const { device, comment } = this.#devices.inImport(plan);
    const name = plan.config.internalName;
    const done = this.#contained(plan.config, { ...device, name });
    if (plan.config.importNotManaged) return done;
    const body = {
      ...(name === device.name ? {} : { name }),
      ...(comment === '' || comment === device.comment ? {} : { comment }),
    };
    if (Object.keys(body).length === 0) return done;
    const change = {
      fields: 'comment',
      done: (found: D) => found.name === name && (comment === '' || found.comment === comment),
      what: `importing ${this.#devices.noun} ${plan.originalName}`,
    };
    if (!(await this.#devices.patch(device, body, change, signal))) throw this.#devices.missing(plan.originalName);
    return done;
  }

  async giveBack(plan: ImportPlan, _wish: Wish<Fields>, signal: AbortSignal): Promise<void> {
    if (plan.config.importNotManaged) return;
    const { device: before, comment } = this.#devices.inImport(plan);
    const now = await this.#devices.getAll(before.uuid, signal);
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
      done: (found: D) => found.name === before.name && found.comment === before.comment,
      what: `giving ${this.#devices.noun} ${now.name} back its name and comment`,
    };
    await this.#devices.patch(now, body, change, signal);
  }

  async remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    const known = volume.orphaned === true ? undefined : this.#devices.read(volume.ref);
    const device = known ?? (await this.find(volume, signal));
    if (device !== undefined) await this.#remove(device, signal);
    const refOf = (uuid: string, name: string) => this.#devices.writeRef({ uuid, name });
    await removeAutomaticSnapshot(this.snapshots, volume, refOf, signal);
  }

  /** The array refuses to make a device smaller; then, and for volumes of another Trident, a look tells its size. */
  async resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    const { config } = volume;
    checkVolumeLimit(bytes, this.#backend.settings.limitVolumeSize);
    const known = this.#devices.read(volume.ref);
    const looked = known === undefined ? await this.#devices.findNamed(config.internalName, signal) : undefined;
    const device = known ?? looked;
    if (device === undefined) throw this.#devices.missing(config.internalName);
    const ref = looked === undefined ? {} : this.#devices.write(looked);
    if (await this.#devices.grow(device, bytes, signal)) return { ref, size: bytes, config: {} };
    const found = await this.#devices.getAll(device.uuid, signal);
    throw shrinkRefused(this.#devices.noun, config.internalName, bytes, found?.space?.size ?? config.size);
  }

  async restore(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<number> {
    const { config } = volume;
    await this.#unitSnapshots.restore(volume, snapshot, signal);
    try {
      const device = await this.find(volume, signal);
      if (device === undefined) throw this.#devices.missing(config.internalName);
      const size = device.space?.size ?? 0;
      if (size >= config.size) return recordedSize(size, config);
      await this.#devices.grow(device, config.size, signal);
      return config.size;
    } catch (error) {
      throw afterWork(error);
    }
  }

  async #dress(
    device: D,
    body: Readonly<Record<string, unknown>>,
    comment: string,
    signal: AbortSignal,
  ): Promise<void> {
    const change = {
      fields: 'comment',
      done: (found: D) => !('qos_policy' in body) && found.comment === comment,
      what: `setting up clone ${device.name}`,
    };
    if (!(await this.#devices.patch(device, body, change, signal))) throw this.#devices.missing(device.name);
  }

  #remove({ uuid, name }: DeviceRef, signal: AbortSignal): Promise<void> {
    return this.#devices.remover.remove({ uuid, name }, (inner) => this.#units.clonesNamed(uuid, inner), signal);
  }

  async #getMade(name: string, signal: AbortSignal): Promise<D> {
    const found = await untilSeen(this.#backend, (inner) => this.#devices.findNamed(name, inner), signal);
    if (found === undefined) throw this.#devices.missing(name);
    return found;
  }

  #contained({ size }: VolumeConfig, device: D): Contained {
    return { ref: this.#devices.write(device), size, config: { internalID: this.#devices.internalId(device.name) } };
  }
}
