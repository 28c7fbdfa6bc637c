import type { JsonObject } from '../../json.ts';
import type { NodeRecord, PoolRecord, VolumeConfig } from '../../orchestrator/model.ts';
import type { ChapCredentials, Discovery, Driver, DriverManifest, VolumeUpdates } from '../driver.ts';
import type {
  AccessExpectation,
  AccessFinding,
  ClassRequest,
  ClonePlan,
  ImportCandidate,
  ImportPlan,
  Published,
  PublishRequest,
  Settled,
  SnapshotHandle,
  SnapshotOnArray,
  UnpublishRequest,
  VolumeHandle,
  VolumeOnArray,
  VolumePlan,
} from '../objects.ts';
import type { GroupSnapshots } from '../group-snapshots.ts';
import type { Mirrors } from '../mirrors.ts';
import type { Moves } from '../moves.ts';
import { afterWork } from '../../problem.ts';
import type { Access, Contained, Container, Wish } from './parts.ts';

/** What a driver needs beside its two parts: planning, which asks no array, and the care for the backend as a whole. */
export interface Planning<Facet> {
  planVolume(request: VolumeConfig, storageClass: ClassRequest, pool: PoolRecord): VolumePlan;
  planClone(
    request: VolumeConfig,
    source: VolumeHandle,
    snapshot: SnapshotHandle | undefined,
    pool: PoolRecord | undefined,
  ): ClonePlan;
  planImport(request: VolumeConfig, originalName: string, candidate: ImportCandidate): ImportPlan;
  /** What the access side of an import found on the object. */
  facetOf(plan: ImportPlan): Facet;
  checkHealth(signal: AbortSignal): Promise<{ readonly reason: string; readonly discovery?: Discovery }>;
  close(): Promise<void>;
}

/** A driver out of a container, an access and the planning for them. */
export class ComposedDriver<Fields, Facet = Fields> implements Driver {
  readonly manifest: DriverManifest;
  readonly #container: Container<Fields, Facet>;
  readonly #access: Access<Fields, Facet>;
  readonly #planning: Planning<Facet>;

  constructor(
    manifest: DriverManifest,
    container: Container<Fields, Facet>,
    access: Access<Fields, Facet>,
    planning: Planning<Facet>,
  ) {
    this.manifest = manifest;
    this.#container = container;
    this.#access = access;
    this.#planning = planning;
  }

  get groups(): GroupSnapshots | undefined {
    return this.manifest.groupSnapshots ? this.#container.groups : undefined;
  }

  get updates(): VolumeUpdates | undefined {
    return this.manifest.volumeUpdate ? this.#container.updates : undefined;
  }

  get mirrors(): Mirrors | undefined {
    return this.manifest.mirrors ? this.#container.mirrors : undefined;
  }

  get moves(): Moves | undefined {
    const { moves } = this.#container;
    if (moves === undefined) return undefined;
    return {
      move: (volume, wish, signal) =>
        moves.move(volume, wish, async (node, inner) => this.#access.beforeMove?.(volume, node, inner), signal),
      status: (volume, signal) => moves.status(volume, signal),
    };
  }

  planVolume(request: VolumeConfig, storageClass: ClassRequest, pool: PoolRecord): VolumePlan {
    return this.#planning.planVolume(request, storageClass, pool);
  }

  async prepareVolume(plan: VolumePlan, signal: AbortSignal): Promise<VolumePlan> {
    return this.#container.prepare === undefined ? plan : this.#container.prepare(plan, signal);
  }

  async createVolume(plan: VolumePlan, signal: AbortSignal): Promise<VolumeOnArray> {
    const wish = this.#access.atCreation(plan.config);
    return this.#finish(plan.config, await this.#container.create(plan, wish, signal), wish, signal);
  }

  async discardVolume(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const settled = await this.#container.discard(plan, since, signal);
    if (settled !== 'foreign')
      await this.#access.abandon?.(plan.config, this.#access.atCreation(plan.config).fields, signal);
    return settled;
  }

  planClone(
    request: VolumeConfig,
    source: VolumeHandle,
    snapshot: SnapshotHandle | undefined,
    pool: PoolRecord | undefined,
  ): ClonePlan {
    return this.#planning.planClone(request, source, snapshot, pool);
  }

  async cloneVolume(plan: ClonePlan, signal: AbortSignal): Promise<VolumeOnArray> {
    const wish = this.#access.atClone(plan.config);
    return this.#finish(plan.config, await this.#container.clone(plan, wish, signal), wish, signal);
  }

  async discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const settled = await this.#container.discardClone(plan, since, signal);
    if (settled !== 'foreign')
      await this.#access.abandon?.(plan.config, this.#access.atClone(plan.config).fields, signal);
    return settled;
  }

  findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    return this.#container.findForImport(originalName, signal);
  }

  planImport(request: VolumeConfig, originalName: string, candidate: ImportCandidate): ImportPlan {
    return this.#planning.planImport(request, originalName, candidate);
  }

  async importVolume(plan: ImportPlan, signal: AbortSignal): Promise<VolumeOnArray> {
    const wish = this.#access.atImport(plan.config, this.#planning.facetOf(plan));
    const made = await this.#container.adopt(plan, wish, signal);
    if (!plan.config.importNotManaged) return this.#finish(plan.config, made, wish, signal);
    return this.#onArray(plan.config, made, this.#settled(wish, made));
  }

  async undoImport(plan: ImportPlan, signal: AbortSignal): Promise<void> {
    const wish = this.#access.atImport(plan.config, this.#planning.facetOf(plan));
    await this.#container.giveBack(plan, wish, signal);
    if (!plan.config.importNotManaged) await this.#access.abandon?.(plan.config, wish.fields, signal);
  }

  async volumeExists(volume: VolumeHandle, signal: AbortSignal): Promise<boolean> {
    return (await this.#container.find(volume, signal)) !== undefined;
  }

  async deleteVolume(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    await this.#container.remove(volume, signal);
    await this.#access.forget(volume, signal);
  }

  async resizeVolume(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<VolumeOnArray> {
    const { ref, size, config } = await this.#container.resize(volume, bytes, signal);
    return { ref: { ...volume.ref, ...ref }, size, accessInformation: volume.config.accessInformation, config };
  }

  async publish(request: PublishRequest, signal: AbortSignal): Promise<Published> {
    await this.#container.requireWritable?.(request.volume, signal);
    return this.#access.grant(request, signal);
  }

  unpublish(request: UnpublishRequest, signal: AbortSignal): Promise<Published> {
    return this.#access.revoke(request, signal);
  }

  chap(): ChapCredentials | undefined {
    return this.#access.chap?.();
  }

  planAccess(
    expected: readonly AccessExpectation[],
    nodes: readonly NodeRecord[],
    signal: AbortSignal,
  ): Promise<readonly AccessFinding[]> {
    return this.#access.plan(expected, nodes, signal);
  }

  createSnapshot(volume: VolumeHandle, name: string, signal: AbortSignal): Promise<SnapshotOnArray> {
    return this.#container.snapshots.create(volume, name, signal);
  }

  findSnapshot(volume: VolumeHandle, internalName: string, signal: AbortSignal): Promise<SnapshotOnArray | undefined> {
    return this.#container.snapshots.find(volume, internalName, signal);
  }

  listSnapshots(volume: VolumeHandle, signal: AbortSignal): Promise<readonly SnapshotOnArray[]> {
    return this.#container.snapshots.list(volume, signal);
  }

  deleteSnapshot(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<void> {
    return this.#container.snapshots.remove(volume, snapshot, signal);
  }

  restoreSnapshot(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<number> {
    return this.#container.restore(volume, snapshot, signal);
  }

  checkHealth(signal: AbortSignal): Promise<{ readonly reason: string; readonly discovery?: Discovery }> {
    return this.#planning.checkHealth(signal);
  }

  retire(signal: AbortSignal): Promise<void> {
    return this.#access.retire(signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#planning.close();
  }

  async #finish(
    config: VolumeConfig,
    made: Contained,
    wish: Wish<Fields>,
    signal: AbortSignal,
  ): Promise<VolumeOnArray> {
    const fields = this.#settled(wish, made);
    try {
      await this.#access.finish(config, fields, signal);
    } catch (error) {
      throw afterWork(error);
    }
    return this.#onArray(config, made, fields);
  }

  #settled(wish: Wish<Fields>, made: Contained): Fields {
    return this.#container.settled?.(wish.fields, made.ref) ?? wish.fields;
  }

  #onArray(config: VolumeConfig, made: Contained, fields: Fields): VolumeOnArray {
    const access = this.#access.made(config, fields, made.ref);
    const ref: JsonObject = { ...made.ref, ...access.ref };
    return { ref, size: made.size, accessInformation: access.access, config: { ...made.config, ...access.config } };
  }
}
