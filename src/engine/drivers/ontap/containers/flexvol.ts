import type { JsonObject } from '../../../json.ts';
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
import type { OntapBackend } from '../backend.ts';
import type { Contained, Container, Wish } from '../parts.ts';
import { mirrorRef } from '../mirrors/mirror-ref.ts';
import { FlexVolMirrors } from '../mirrors/flexvol-mirrors.ts';
import type { Fit } from '../mirrors/flexvol-mirrors.ts';
import { checkVolumeLimit, usableBytesOf, volumeBytesFor } from '../sizing.ts';
import { parseFlag } from '../config/rules.ts';
import { removeAutomaticSnapshot } from './automatic-snapshot.ts';
import { FlexVolChanges } from './flexvol-changes.ts';
import { FlexVolCloning } from './flexvol-clone.ts';
import { FlexVolCreation } from './flexvol-create.ts';
import { flexVolHandle, VolumeGroups } from './volume-groups.ts';
import type { Loner } from './volume-groups.ts';
import { FlexVolImport } from './flexvol-import.ts';
import type { NasFields } from './nas-fields.ts';
import { nasBody, nasFieldsOf } from './nas-fields.ts';
import { SnapshotDirectory } from './snapshot-directory.ts';
import { VolumeSnapshots } from './snapshots.ts';
import type { SplitTimers } from './split-timers.ts';
import { growVolume, growthFields, unlessRefused } from './volume-growth.ts';
import { viewOf, viewRef } from './view.ts';
import { VolumeMoves } from './volume-moves.ts';
import { VolumeRemover } from './volume-removal.ts';
import type { VolumeOnOntap } from './volume-record.ts';
import type { VolumeStyle } from './volumes.ts';
import { Volumes, volumeRef } from './volumes.ts';

const nasFieldNames =
  'nas.path,nas.export_policy.name,nas.security_style,nas.unix_permissions,snapshot_directory_access_enabled';

const flexGroups: Loner = { noun: 'FlexGroup', why: 'consistency groups of ONTAP take FlexVols, and no FlexGroups' };

/** A FlexVol, or a FlexGroup, of its own for each volume, reached by its junction path. */
export class FlexVolContainer implements Container<NasFields, NasFields> {
  readonly snapshots: VolumeSnapshots;
  readonly groups: VolumeGroups;
  readonly mirrors: FlexVolMirrors;
  readonly updates: SnapshotDirectory;
  readonly moves?: VolumeMoves;
  readonly #backend: OntapBackend;
  readonly #volumes: Volumes;
  readonly #remover: VolumeRemover;
  readonly #changes: FlexVolChanges;
  readonly #creation: FlexVolCreation;
  readonly #cloning: FlexVolCloning;
  readonly #import: FlexVolImport;

  /** @param fit for what a promoted volume holds; absent: the volume itself is what the user has */
  constructor(backend: OntapBackend, timers: SplitTimers, style: VolumeStyle = 'flexvol', fit?: Fit) {
    this.#backend = backend;
    this.#volumes = new Volumes(backend, style);
    this.#remover = new VolumeRemover(backend, this.#volumes);
    this.#changes = new FlexVolChanges(backend);
    this.snapshots = new VolumeSnapshots(backend, this.#volumes, timers);
    this.updates = new SnapshotDirectory(backend, {
      holderOf: (volume, signal) => this.#volumes.findOf(volume, 'uuid', signal),
      knownHolderOf: (volume) => volumeRef(volume.ref)?.uuid,
      isShared: false,
    });
    if (style === 'flexvol')
      this.moves = new VolumeMoves(backend, (volume, signal) => this.#volumes.uuidOf(volume, signal));
    this.mirrors = new FlexVolMirrors(
      backend,
      this.#volumes,
      this.snapshots,
      fit ?? ((volume, signal) => this.#fitted(volume, signal)),
    );
    this.groups = new VolumeGroups({
      backend,
      holderOf: (volume, signal) => this.#volumes.findHolder(volume, signal),
      snapshots: this.snapshots,
      holderSnapshots: this.snapshots,
      handleOf: flexVolHandle,
      loner: style === 'flexgroup' ? flexGroups : undefined,
    });
    this.#creation = new FlexVolCreation(backend, this.#volumes, this.#remover);
    this.#cloning = new FlexVolCloning({
      backend,
      volumes: this.#volumes,
      remover: this.#remover,
      snapshots: this.snapshots,
      changes: this.#changes,
    });
    this.#import = new FlexVolImport(this.#volumes, this.#changes);
  }

  async create(plan: VolumePlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    const { mirrorDestination, requiredPeerVolumeHandle } = plan.config;
    if (mirrorDestination && requiredPeerVolumeHandle !== '')
      await this.mirrors.requirePeer(requiredPeerVolumeHandle, signal);
    return this.#creation.create(plan, wish, signal);
  }

  discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#creation.discard(plan, since, signal);
  }

  clone(plan: ClonePlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    return this.#cloning.clone(plan, wish, signal);
  }

  discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#cloning.discard(plan, since, signal);
  }

  /** A read-only clone is where its source is. */
  settled(fields: NasFields, ref: JsonObject): NasFields {
    return { ...fields, path: viewRef(ref)?.path ?? fields.path };
  }

  async find(volume: VolumeHandle, signal: AbortSignal): Promise<NasFields | undefined> {
    const found = await this.#findShown(volume, nasFieldNames, signal);
    return found === undefined ? undefined : nasFieldsOf(found);
  }

  findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    return this.#import.find(originalName, signal);
  }

  adopt(plan: ImportPlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    return this.#import.adopt(plan, wish, signal);
  }

  giveBack(plan: ImportPlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<void> {
    return this.#import.giveBack(plan, wish, signal);
  }

  async modify(volume: VolumeHandle, wish: Wish<NasFields>, what: string, signal: AbortSignal): Promise<boolean> {
    const name = volume.config.internalName;
    const uuid = viewOf(volume)?.uuid ?? volumeRef(volume.ref)?.uuid;
    const known = uuid === undefined ? await this.#findShown(volume, 'uuid', signal) : { uuid };
    if (known === undefined) return false;
    return this.#changes.patch({ uuid: known.uuid, name }, nasBody(wish.fields), wish, what, signal);
  }

  async remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    if (viewOf(volume) !== undefined) return;
    const uuid = await this.#volumes.findUuidOf(volume, signal);
    if (uuid !== undefined) await this.#removeWithMirrors(volume, uuid, signal);
    const refOf = (sourceUuid: string, name: string) => ({ volume: { uuid: sourceUuid, name } });
    await removeAutomaticSnapshot(this.snapshots, volume, refOf, signal);
  }

  async resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    const name = volume.config.internalName;
    if (viewOf(volume) !== undefined)
      throw new Problem(
        'volume.read-only-clone',
        'unsupported',
        `read-only clone ${volume.config.name} has the size of its source and cannot be resized`,
        { nothingDone: true },
      );
    checkVolumeLimit(bytes, this.#backend.settings.limitVolumeSize);
    const found = await this.#volumes.getOf(volume, growthFields, signal);
    const target = volumeBytesFor(bytes, found.space?.snapshot?.reserve_percent ?? 0);
    const current = found.size ?? 0;
    const done: Contained = { ref: { volume: { uuid: found.uuid, name } }, size: bytes, config: {} };
    // ONTAP rounds up, so that a repeated resize finds a little more than it asked for; less than before it is not.
    const isRounded = current > target && current - target < this.#volumes.roundingBytes && bytes >= volume.config.size;
    if (current === target || isRounded) return done;
    if (target < current)
      throw new Problem(
        'volume.shrink',
        'limit',
        `requested size ${bytes} is less than existing volume size ${volume.config.size}; volume ${name} has ${current} bytes on the array and is not made smaller`,
        { nothingDone: true },
      );
    const what = `resizing volume ${name} to ${bytes} bytes`;
    await growVolume(this.#backend, this.#volumes, found, target, what, signal);
    return done;
  }

  async restore(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<number> {
    const { size, internalName } = volume.config;
    await this.snapshots.restore(volume, snapshot, signal);
    try {
      const found = await this.#volumes.getOf(volume, growthFields, signal);
      const target = volumeBytesFor(size, found.space?.snapshot?.reserve_percent ?? 0);
      const what = `giving volume ${internalName} the size back that it had before it was restored`;
      await growVolume(this.#backend, this.#volumes, found, target, what, signal);
      return size;
    } catch (error) {
      throw afterWork(error);
    }
  }

  async #fitted(volume: VolumeHandle, signal: AbortSignal): Promise<number> {
    const { size, internalName } = volume.config;
    const found = await this.#volumes.getOf(volume, growthFields, signal);
    const reserve = found.space?.snapshot?.reserve_percent ?? 0;
    const target = volumeBytesFor(size, reserve);
    const what = `resizing volume ${internalName} to ${size} bytes`;
    const current = found.size ?? 0;
    if (current >= target + this.#volumes.roundingBytes) return usableBytesOf(current, reserve);
    const grown = await unlessRefused(async () => {
      await growVolume(this.#backend, this.#volumes, found, target, what, signal);
      return size;
    });
    return grown ?? usableBytesOf(current, reserve);
  }

  /** The volume itself, or the one that it is a view of. */
  async #findShown(volume: VolumeHandle, fields: string, signal: AbortSignal): Promise<VolumeOnOntap | undefined> {
    const view = viewOf(volume);
    if (view === undefined) return this.#volumes.findOf(volume, fields, signal);
    return view.uuid === undefined
      ? this.#volumes.find(view.name, fields, signal)
      : this.#volumes.findByUuid(view.uuid, fields, signal);
  }

  /** Whether a volume has mirrors is told by the array's refusal to delete it, where it is not known to be one itself. */
  async #removeWithMirrors(volume: VolumeHandle, uuid: string, signal: AbortSignal): Promise<void> {
    const { internalName, skipRecoveryQueue } = volume.config;
    const remove = () => this.#remover.remove(uuid, internalName, parseFlag(skipRecoveryQueue) === true, signal);
    const isMirror = volume.config.mirrorDestination || (mirrorRef(volume.ref)?.uuid ?? '') !== '';
    if (isMirror) await this.mirrors.detach(volume, signal);
    try {
      await remove();
    } catch (error) {
      if (isMirror || !Problem.is(error) || !/snapmirror/i.test(error.array?.message ?? '')) throw error;
      await this.mirrors.detach(volume, signal);
      await remove();
    }
  }
}
