import type { JsonObject } from '../../../json.ts';
import type { AccessInformation, NodeRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { afterWork, Problem } from '../../../problem.ts';
import type {
  AccessExpectation,
  AccessFinding,
  Published,
  PublishRequest,
  UnpublishRequest,
  VolumeHandle,
} from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { parseFlag } from '../config/rules.ts';
import type { NasFields } from '../containers/nas-fields.ts';
import type { View } from '../containers/view.ts';
import { viewOf, viewRef } from '../containers/view.ts';
import { emptyPolicyName } from '../names.ts';
import type { Access, Wish } from '../parts.ts';
import { permissionsOf } from '../permissions.ts';
import type { NasContainer } from './exports.ts';
import { NodeExports } from './exports.ts';
import type { Passage } from './pool-exports.ts';
import { nasRef, withNasRef } from './nas-ref.ts';
import type { NasRef } from './nas-ref.ts';

/** How a file protocol presents a mounted volume to nodes. */
export interface Presentation {
  readonly fileSystem: string;
  /** What a node needs to mount the volume at this junction path, or the snapshot of a read-only clone. */
  information(config: VolumeConfig, path: string, view: View | undefined): AccessInformation;
  /** What the protocol needs beyond the junction, after creation, clone and import. */
  present(config: VolumeConfig, path: string, signal: AbortSignal): Promise<void>;
  /** Takes back what `present` made for a volume at this path. */
  withdraw(config: VolumeConfig, path: string, signal: AbortSignal): Promise<void>;
}

/** Access to files of a volume mounted in the SVM's name space. */
export class FileAccess implements Access<NasFields, NasFields> {
  readonly #backend: OntapBackend;
  readonly #container: NasContainer;
  readonly #presentation: Presentation;
  readonly #exports: NodeExports;
  readonly #passage: Passage | undefined;

  /** @param passage what nodes pass through on their way to a volume, where volumes share something */
  constructor(backend: OntapBackend, container: NasContainer, presentation: Presentation, passage?: Passage) {
    this.#backend = backend;
    this.#container = container;
    this.#presentation = presentation;
    this.#exports = new NodeExports(backend, container);
    this.#passage = passage;
  }

  atCreation(config: VolumeConfig): Wish<NasFields> {
    const { mirrorDestination, unixPermissions } = config;
    return this.#exports.wish({
      // A mirror can be mounted after its first transfer only, and has the permissions of its source.
      path: mirrorDestination ? undefined : `/${config.internalName}`,
      exportPolicy: config.exportPolicy,
      securityStyle: config.securityStyle,
      unixPermissions: mirrorDestination || unixPermissions === '' ? undefined : permissionsOf(unixPermissions),
      snapshotDirectory: parseFlag(config.snapshotDirectory) === true,
    });
  }

  atClone(config: VolumeConfig): Wish<NasFields> {
    return this.#exports.wish({
      path: `/${config.internalName}`,
      ...(config.exportPolicy === '' ? {} : { exportPolicy: config.exportPolicy }),
    });
  }

  atImport(config: VolumeConfig, found: NasFields): Wish<NasFields> {
    const { settings } = this.#backend;
    return this.#exports.wish({
      // Renaming does not move the junction; nodes go on mounting at the old path.
      path: found.path ?? `/${config.internalName}`,
      exportPolicy: settings.autoExportPolicy ? emptyPolicyName(settings.prefix) : found.exportPolicy,
      securityStyle: found.securityStyle,
      unixPermissions: config.unixPermissions === '' ? found.unixPermissions : permissionsOf(config.unixPermissions),
      snapshotDirectory:
        config.snapshotDirectory === '' ? found.snapshotDirectory : parseFlag(config.snapshotDirectory) === true,
    });
  }

  made(
    config: VolumeConfig,
    fields: NasFields,
    contained: JsonObject,
  ): { readonly ref: JsonObject; readonly access: AccessInformation; readonly config: Partial<VolumeConfig> } {
    const path = fields.path ?? `/${config.internalName}`;
    const nas: NasRef = { path, exportPolicy: fields.exportPolicy ?? config.exportPolicy, grants: {} };
    return {
      ref: withNasRef({}, nas),
      access: this.#presentation.information(config, path, viewRef(contained)),
      config: { fileSystem: this.#presentation.fileSystem },
    };
  }

  async finish(config: VolumeConfig, fields: NasFields, signal: AbortSignal): Promise<void> {
    // What is not mounted yet is presented when it is.
    if (!config.mirrorDestination)
      await this.#presentation.present(config, fields.path ?? `/${config.internalName}`, signal);
  }

  async grant(request: PublishRequest, signal: AbortSignal): Promise<Published> {
    const { volume } = request;
    const policy = this.#exports.policyFor(volume);
    if (policy !== undefined && volume.config.mirrorDestination) await this.#mounted(volume, signal);
    const nas =
      policy === undefined ? await this.#mounted(volume, signal) : await this.#exports.letIn(request, policy, signal);
    await this.#passage?.letIn(request, signal).catch((error: unknown) => {
      throw afterWork(error);
    });
    return this.#published(volume, nas);
  }

  async revoke(request: UnpublishRequest, signal: AbortSignal): Promise<Published> {
    return this.#published(request.volume, await this.#exports.shutOut(request, signal));
  }

  async plan(
    expected: readonly AccessExpectation[],
    nodes: readonly NodeRecord[],
    signal: AbortSignal,
  ): Promise<readonly AccessFinding[]> {
    const own = await this.#exports.plan(expected, nodes, signal);
    return [...own, ...((await this.#passage?.plan(expected, signal)) ?? [])];
  }

  abandon(config: VolumeConfig, fields: NasFields, signal: AbortSignal): Promise<void> {
    return this.#presentation.withdraw(config, fields.path ?? `/${config.internalName}`, signal);
  }

  async forget(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    await this.#presentation.withdraw(volume.config, nasRef(volume).path, signal);
    await this.#exports.forget(volume, signal);
  }

  async retire(signal: AbortSignal): Promise<void> {
    await this.#passage?.retire(signal);
    await this.#exports.retire(signal);
  }

  /** The path may have been changed on the array: one look tells, and mounts a volume that has none. */
  async #mounted(volume: VolumeHandle, signal: AbortSignal): Promise<NasRef> {
    const { config } = volume;
    const nas = nasRef(volume);
    const view = viewOf(volume);
    const found = await this.#container.find(volume, signal);
    const svm = this.#backend.facts.svm.name;
    if (found === undefined)
      throw new Problem(
        'volume.not-on-array',
        'notFound',
        `there is no volume ${view?.name ?? config.internalName} on SVM ${svm}`,
        { nothingDone: true },
      );
    if (found.path !== undefined) return { ...nas, path: found.path };
    const path = `/${view?.name ?? config.internalName}`;
    if (!config.importNotManaged) {
      const what = `mounting volume ${config.internalName}`;
      await this.#container.modify(volume, this.#exports.wish({ path }), what, signal);
      if (config.mirrorDestination) await this.#presentation.present(config, path, signal);
    }
    return { ...nas, path };
  }

  #published(volume: VolumeHandle, nas: NasRef): Published {
    const view = viewOf(volume);
    return {
      accessInformation: this.#presentation.information(volume.config, nas.path, view),
      ref: withNasRef(volume.ref, nas),
      // A read-only clone has no policy of its own to record.
      config: view === undefined ? { exportPolicy: nas.exportPolicy } : {},
    };
  }
}
