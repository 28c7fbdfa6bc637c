import { afterWork, Problem } from '../../../problem.ts';
import type {
  ClonePlan,
  ImportCandidate,
  ImportPlan,
  Settled,
  SnapshotHandle,
  VolumeHandle,
  VolumePlan,
} from '../../objects.ts';
import type { Mirrors } from '../../mirrors.ts';
import type { OntapBackend } from '../backend.ts';
import type { Fit } from '../mirrors/flexvol-mirrors.ts';
import { mirrorRef } from '../mirrors/mirror-ref.ts';
import { plainWish } from '../parts.ts';
import type { Contained, Container, Wish } from '../parts.ts';
import { deviceBytes } from '../san-sizing.ts';
import type { Device, Devices } from './device.ts';
import { onlyDevice } from './device.ts';
import { DeviceResize } from './device-resize.ts';
import { DeviceSnapshots } from './device-snapshots.ts';
import { flexVolHandle, VolumeGroups } from './volume-groups.ts';
import { FlexVolContainer } from './flexvol.ts';
import type { SplitTimers } from './split-timers.ts';
import { VolumeMoves } from './volume-moves.ts';
import { VolumeRemover } from './volume-removal.ts';
import { untilSeen } from './until-seen.ts';
import { Volumes, volumeRef } from './volumes.ts';

/** How FlexVols with a device are taken over; differs from one kind of device to the other. */
export type DeviceAdoption<Fields, D> = Pick<Container<Fields, D>, 'findForImport' | 'adopt' | 'giveBack'>;

/** The kind of device that a container has. */
export interface DeviceKind<Fields, D extends Device> {
  readonly devices: Devices<Fields, D>;
  adoption(flexVols: FlexVolContainer, volumes: Volumes): DeviceAdoption<Fields, D>;
}

/** A LUN or namespace in a FlexVol of its own: the FlexVol is made, cloned, snapshotted and removed; the device goes with it. */
export class DeviceContainer<Fields, D extends Device> implements Container<Fields, D> {
  readonly snapshots: DeviceSnapshots;
  readonly groups: VolumeGroups;
  readonly moves: VolumeMoves;
  readonly #backend: OntapBackend;
  readonly #volumes: Volumes;
  readonly #flexVols: FlexVolContainer;
  readonly #remover: VolumeRemover;
  readonly #devices: Devices<Fields, D>;
  readonly #adoption: DeviceAdoption<Fields, D>;
  readonly #resize: DeviceResize<Fields, D>;

  constructor(backend: OntapBackend, timers: SplitTimers, kind: DeviceKind<Fields, D>) {
    const volumes = new Volumes(backend, 'flexvol');
    this.#backend = backend;
    this.#volumes = volumes;
    this.#resize = new DeviceResize(backend, volumes, kind.devices);
    const fit: Fit = (volume, signal) => this.#resize.fit(volume, signal);
    this.#flexVols = new FlexVolContainer(backend, timers, 'flexvol', fit);
    this.#remover = new VolumeRemover(backend, volumes);
    this.#devices = kind.devices;
    this.snapshots = new DeviceSnapshots(this.#flexVols.snapshots);
    this.moves = new VolumeMoves(backend, (volume, signal) => volumes.uuidOf(volume, signal));
    this.groups = new VolumeGroups({
      backend,
      holderOf: (volume, signal) => volumes.findHolder(volume, signal),
      snapshots: this.snapshots,
      holderSnapshots: this.#flexVols.snapshots,
      handleOf: flexVolHandle,
    });
    this.#adoption = kind.adoption(this.#flexVols, volumes);
  }

  get mirrors(): Mirrors {
    return this.#flexVols.mirrors;
  }

  /** One POST for the FlexVol, one for the device with all it needs. A device that is refused takes its FlexVol with it. */
  async create(plan: VolumePlan, wish: Wish<Fields>, signal: AbortSignal): Promise<Contained> {
    const { exportPolicy, securityStyle } = plan.config;
    const made = await this.#flexVols.create(plan, plainWish({ exportPolicy, securityStyle }), signal);
    // The device of a mirror comes over with the first transfer.
    if (plan.config.mirrorDestination) return made;
    const path = this.#devices.pathIn(plan.config.internalName);
    const outcome = await this.#devices.make(plan, wish.fields, this.#backend.environment.now(), signal);
    if (outcome.kind === 'ok') return this.#with(made, outcome.value ?? (await this.#getMade(path, signal)));
    const problem = this.#backend.problem(outcome, `creating ${this.#devices.noun} ${path}`);
    throw outcome.kind === 'refused' ? await this.#withdrawn(made, plan.config.internalName, problem, signal) : problem;
  }

  /** A volume that holds another device than the plan's is somebody else's, however alike it is. */
  async discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const name = plan.config.internalName;
    const bytes = this.#devices.bytesOf(plan);
    const inside = await this.#devices.allIn(name, signal);
    const path = this.#devices.pathIn(name);
    const explained = inside.every((device) => device.name === path && (device.space?.size ?? bytes) >= bytes);
    return explained && inside.length <= 1 ? this.#flexVols.discard(plan, since, signal) : 'foreign';
  }

  async clone(plan: ClonePlan, _wish: Wish<Fields>, signal: AbortSignal): Promise<Contained> {
    const made = await this.#flexVols.clone(plan, plainWish({}), signal);
    try {
      const name = plan.config.internalName;
      const device = await untilSeen(this.#backend, (inner) => this.#only(name, inner), signal);
      if (device === undefined) throw this.#devices.missing(this.#devices.pathIn(name));
      await this.#devices.dress(device, plan, signal);
      const done = this.#with(made, device);
      const { config } = plan;
      if ((device.space?.size ?? 0) >= deviceBytes(config.size, config)) return done;
      return { ...done, size: await this.#resize.regrow({ config, ref: done.ref }, signal) };
    } catch (error) {
      throw afterWork(error);
    }
  }

  discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#flexVols.discardClone(plan, since, signal);
  }

  async find(volume: VolumeHandle, signal: AbortSignal): Promise<D | undefined> {
    const known = this.#devices.read(volume.ref);
    return known === undefined
      ? this.#only(volume.config.internalName, signal)
      : this.#devices.getAll(known.uuid, signal);
  }

  findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    return this.#adoption.findForImport(originalName, signal);
  }

  adopt(plan: ImportPlan, wish: Wish<Fields>, signal: AbortSignal): Promise<Contained> {
    return this.#adoption.adopt(plan, wish, signal);
  }

  giveBack(plan: ImportPlan, wish: Wish<Fields>, signal: AbortSignal): Promise<void> {
    return this.#adoption.giveBack(plan, wish, signal);
  }

  remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    return this.#flexVols.remove(volume, signal);
  }

  resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    return this.#resize.resize(volume, bytes, signal);
  }

  /** Costs a call for what may be a mirror, and none for other volumes. */
  async requireWritable(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    const { config, ref } = volume;
    const mirror = mirrorRef(ref);
    const mayBeMirror = mirror === undefined ? config.mirrorDestination : mirror.uuid !== '';
    if (!mayBeMirror || (await this.#volumes.getOf(volume, 'type', signal)).type !== 'dp') return;
    const source = mirror?.remote ?? config.requiredPeerVolumeHandle;
    throw new Problem(
      'mirror.read-only',
      'conflict',
      `volume ${config.name} is the destination of a mirror${source === '' ? '' : ` of ${source}`}: nodes cannot write to it`,
      { hint: 'promote the mirror first', nothingDone: true },
    );
  }

  async restore(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<number> {
    await this.#flexVols.snapshots.restore(volume, snapshot, signal);
    return this.#resize.regrow(volume, signal).catch((error: unknown) => {
      throw afterWork(error);
    });
  }

  #with(made: Contained, device: D): Contained {
    const ref = { ...made.ref, ...this.#devices.write(device) };
    return { ...made, ref, config: { ...made.config, ...this.#devices.recorded(device) } };
  }

  async #only(volume: string, signal: AbortSignal): Promise<D | undefined> {
    return onlyDevice(await this.#devices.allIn(volume, signal), this.#devices.pathIn(volume));
  }

  async #getMade(path: string, signal: AbortSignal): Promise<D> {
    const found = await untilSeen(this.#backend, (inner) => this.#devices.findAt(path, inner), signal);
    if (found === undefined) throw this.#devices.missing(path);
    return found;
  }

  /** Removes the FlexVol of a device that was refused. The problem counts as certain only when that worked. */
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
