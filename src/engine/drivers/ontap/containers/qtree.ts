import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import { Problem } from '../../../problem.ts';
import type { ClonePlan, ImportCandidate, ImportPlan, Settled, VolumeHandle, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent } from '../client/codes.ts';
import { parseCloneDetails } from '../plans/clone-plan.ts';
import type { Contained, Container, Wish } from '../parts.ts';
import { poolPrefix } from '../pool-names.ts';
import { FlexVolCreation } from './flexvol-create.ts';
import type { NasFields } from './nas-fields.ts';
import type { QtreeParts } from './qtree-create.ts';
import { QtreeCreation } from './qtree-create.ts';
import { QtreeImport } from './qtree-import.ts';
import { QtreePlaces } from './qtree-places.ts';
import { qtreeRef, withQtreeRef } from './qtree-ref.ts';
import { QtreeRemoval } from './qtree-removal.ts';
import { QtreeResize } from './qtree-resize.ts';
import { QtreeSnapshots } from './qtree-snapshots.ts';
import type { QtreeOnOntap } from './qtrees.ts';
import { Qtrees, mountPath, qtreeFieldsOf } from './qtrees.ts';
import { QuotaRules } from './quota-rules.ts';
import type { SharedFlexVol } from './shared-flexvol.ts';
import { SharedFlexVols } from './shared-flexvols.ts';
import type { SharedAccess } from './shared-making.ts';
import { SharedMaking } from './shared-making.ts';
import { SharedSizes } from './shared-sizes.ts';
import { SnapshotDirectory } from './snapshot-directory.ts';
import type { SplitTimers } from './split-timers.ts';
import { VolumeRemover } from './volume-removal.ts';
import { viewOf } from './view.ts';
import { Volumes } from './volumes.ts';

const directorySchema = v.object({ snapshot_directory_access_enabled: v.optional(v.boolean()) });

/** A qtree with a quota for each volume, many of them in one FlexVol. */
export class QtreeContainer implements Container<NasFields, NasFields> {
  readonly snapshots: QtreeSnapshots;
  readonly shared: SharedFlexVols;
  readonly updates: SnapshotDirectory;
  readonly #parts: QtreeParts;
  readonly #creation: QtreeCreation;
  readonly #import: QtreeImport;
  readonly #removal: QtreeRemoval;
  readonly #resize: QtreeResize;

  constructor(backend: OntapBackend, timers: SplitTimers, access: SharedAccess) {
    const prefix = poolPrefix('qtree', backend.settings.context, backend.settings.prefix);
    const qtrees = new Qtrees(backend, prefix);
    const quotas = new QuotaRules(backend);
    const volumes = new Volumes(backend, 'flexvol');
    this.shared = new SharedFlexVols(backend, qtrees, quotas);
    const creation = new FlexVolCreation(backend, volumes, new VolumeRemover(backend, volumes));
    const making = new SharedMaking(backend, creation, quotas, access);
    this.#parts = {
      backend,
      qtrees,
      quotas,
      shared: this.shared,
      places: new QtreePlaces(backend, prefix, this.shared, making),
      sizes: new SharedSizes(backend, quotas, this.shared),
    };
    this.snapshots = new QtreeSnapshots(backend, qtrees, timers);
    this.updates = new SnapshotDirectory(backend, {
      holderOf: (volume, signal) => {
        // What is known of the FlexVol is about to change; it is listed anew before the next volume is placed.
        this.shared.expire();
        return this.flexVolOf(volume, signal);
      },
      knownHolderOf: (volume) => qtreeRef(volume.ref)?.volume.uuid,
      isShared: true,
    });
    this.#creation = new QtreeCreation(this.#parts);
    this.#import = new QtreeImport(this.#parts);
    this.#removal = new QtreeRemoval(this.#parts);
    this.#resize = new QtreeResize(this.#parts);
  }

  async prepare(plan: VolumePlan, signal: AbortSignal): Promise<VolumePlan> {
    const prepared = await this.#creation.prepare(plan, signal);
    this.#removal.cleanUp();
    return prepared;
  }

  create(plan: VolumePlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    return this.#creation.create(plan, wish, signal);
  }

  discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#creation.discard(plan, since, signal);
  }

  /** Where the qtree is, is decided when it is made. */
  settled(fields: NasFields, ref: JsonObject): NasFields {
    return { ...fields, path: qtreeRef(ref)?.path ?? fields.path };
  }

  /** A read-only clone is a view of a snapshot of the FlexVol, at the place of the source qtree. */
  async clone(plan: ClonePlan, _wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    const { snapshot } = parseCloneDetails(plan.details);
    const { source } = plan;
    const found = await this.#parts.qtrees.findOf(source, signal);
    if (found === undefined) throw this.#parts.qtrees.missing(source.config.internalName);
    await this.#requireDirectory(plan, found, signal);
    if ((await this.snapshots.find({ ...source, ref: refOf(found) }, snapshot, signal)) === undefined)
      throw new Problem(
        'snapshot.not-on-array',
        'notFound',
        `there is no snapshot ${snapshot} of volume ${source.config.internalName} on the array`,
        { nothingDone: true },
      );
    const view = { uuid: found.volume.uuid, name: found.name, path: mountPath(found), snapshot };
    return { ref: { view, ...refOf(found) }, size: plan.config.size, config: { internalID: '' } };
  }

  async discardClone(): Promise<Settled> {
    return 'absent';
  }

  async find(volume: VolumeHandle, signal: AbortSignal): Promise<NasFields | undefined> {
    const found = await this.#parts.qtrees.findOf(volume, signal);
    return found === undefined ? undefined : qtreeFieldsOf(found);
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

  /** Gives the qtree another export policy; nothing else of it changes later. */
  async modify(volume: VolumeHandle, wish: Wish<NasFields>, what: string, signal: AbortSignal): Promise<boolean> {
    const { backend, qtrees } = this.#parts;
    const { exportPolicy } = wish.fields;
    const found = await qtrees.findOf(volume, signal);
    if (found === undefined) return false;
    if (exportPolicy === undefined || found.export_policy?.name === exportPolicy) return true;
    const done = (now: QtreeOnOntap | undefined) => now?.export_policy?.name === exportPolicy;
    for (let repairs = 0; ; repairs++) {
      const body = { export_policy: { name: exportPolicy } };
      const outcome = await qtrees.patch(found, body, done, found.name, signal);
      if (outcome.kind === 'ok') return true;
      if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return false;
      if (outcome.kind === 'refused' && repairs < 2 && (await wish.repair(outcome, signal))) continue;
      throw backend.problem(outcome, what);
    }
  }

  async remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    if (viewOf(volume) === undefined) await this.#removal.remove(volume, signal);
  }

  async resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    if (viewOf(volume) === undefined) return this.#resize.resize(volume, bytes, signal);
    throw new Problem(
      'volume.read-only-clone',
      'unsupported',
      `read-only clone ${volume.config.name} has the size of its source and cannot be resized`,
      { nothingDone: true },
    );
  }

  async restore({ config }: VolumeHandle): Promise<number> {
    throw new Problem(
      'snapshot.no-restore',
      'unsupported',
      `volume ${config.name} shares its FlexVol with others, which a snapshot would set back too`,
      { hint: 'read the files from a read-only clone of the snapshot', nothingDone: true },
    );
  }

  /** The shared FlexVol around a volume, by its handle or by its name. */
  async flexVolOf(volume: VolumeHandle, signal: AbortSignal): Promise<SharedFlexVol | undefined> {
    const uuid = qtreeRef(volume.ref)?.volume.uuid ?? (await this.#parts.qtrees.findOf(volume, signal))?.volume.uuid;
    return uuid === undefined ? undefined : this.shared.find(uuid, signal);
  }

  async close(): Promise<void> {
    await this.#parts.places.close();
    await this.#removal.close();
  }

  async #requireDirectory(plan: ClonePlan, found: QtreeOnOntap, signal: AbortSignal): Promise<void> {
    const { backend } = this.#parts;
    const fields = 'snapshot_directory_access_enabled';
    const path = `/storage/volumes/${found.volume.uuid}`;
    const answer = await backend.client.read(path, { fields }, directorySchema, signal);
    const { snapshot_directory_access_enabled: visible } = backend.must(answer, `looking at ${found.volume.name}`);
    if (visible !== false) return;
    throw new Problem(
      'clone.no-snapshot-directory',
      'conflict',
      `read-only clone ${plan.config.name} needs the snapshot directory of ${plan.source.config.name}, which is hidden`,
      { hint: 'create volumes to be cloned with snapshotDirectory true', nothingDone: true },
    );
  }
}

const refOf = (found: QtreeOnOntap): JsonObject =>
  withQtreeRef({ volume: found.volume, name: found.name, path: mountPath(found) });
