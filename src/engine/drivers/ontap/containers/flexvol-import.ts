import type { JsonObject } from '../../../json.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import { asJson } from '../as-json.ts';
import { parseImportDetails } from '../plans/import-plan.ts';
import { noRepair } from '../parts.ts';
import type { Contained, Wish } from '../parts.ts';
import type { FlexVolChanges } from './flexvol-changes.ts';
import type { NasFields } from './nas-fields.ts';
import { nasBody, nasDifference, nasFieldsOf } from './nas-fields.ts';
import type { VolumeOnOntap } from './volume-record.ts';
import { importFields } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

/** Takes over volumes that are there already: one look, one PATCH. Never deletes any. */
export class FlexVolImport {
  readonly #volumes: Volumes;
  readonly #changes: FlexVolChanges;

  constructor(volumes: Volumes, changes: FlexVolChanges) {
    this.#volumes = volumes;
    this.#changes = changes;
  }

  async find(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    const found = await this.#volumes.find(originalName, importFields, signal);
    return found === undefined ? undefined : { size: found.size ?? 0, facts: factsOf(found), details: asJson(found) };
  }

  async adopt(plan: ImportPlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    const { found, comment } = parseImportDetails(plan.details);
    const name = plan.config.internalName;
    const done: Contained = { ref: { volume: { uuid: found.uuid, name } }, size: plan.config.size, config: {} };
    if (plan.config.importNotManaged) return done;
    const body = {
      ...(name === found.name ? {} : { name }),
      ...(comment === '' || comment === found.comment ? {} : { comment }),
      ...nasBody(nasDifference(wish.fields, nasFieldsOf(found))),
    };
    if (Object.keys(body).length === 0) return done;
    const what = `importing volume ${plan.originalName}`;
    if (!(await this.#changes.patch({ uuid: found.uuid, name }, body, wish, what, signal)))
      throw this.#volumes.missing(plan.originalName);
    return done;
  }

  /** Puts back what an import changed, as far as it still is what the import made of it. */
  async giveBack(plan: ImportPlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<void> {
    if (plan.config.importNotManaged) return;
    const { found: before, comment } = parseImportDetails(plan.details);
    const now = await this.#volumes.findByUuid(before.uuid, importFields, signal);
    // Somebody deleted it meanwhile; there is nothing to give back.
    if (now === undefined) return;
    const wanted = wish.fields;
    const [was, is] = [nasFieldsOf(before), nasFieldsOf(now)];
    const changed: NasFields = {
      path: is.path === wanted.path && was.path !== is.path ? (was.path ?? '') : undefined,
      exportPolicy:
        is.exportPolicy === wanted.exportPolicy && was.exportPolicy !== is.exportPolicy ? was.exportPolicy : undefined,
      unixPermissions:
        is.unixPermissions === wanted.unixPermissions && was.unixPermissions !== is.unixPermissions
          ? was.unixPermissions
          : undefined,
      snapshotDirectory:
        is.snapshotDirectory === wanted.snapshotDirectory && was.snapshotDirectory !== is.snapshotDirectory
          ? was.snapshotDirectory
          : undefined,
    };
    const body = {
      ...(now.name === plan.config.internalName && before.name !== now.name ? { name: before.name } : {}),
      ...(now.comment === comment && before.comment !== now.comment ? { comment: before.comment } : {}),
      ...nasBody(changed),
    };
    if (Object.keys(body).length === 0) return;
    const what = `giving volume ${now.name} back its name and settings`;
    await this.#changes.patch({ uuid: before.uuid, name: before.name }, body, noRepair, what, signal);
  }
}

/** For people who choose what to import. */
const factsOf = (found: VolumeOnOntap): JsonObject => ({
  type: found.type,
  state: found.state,
  aggregate: found.aggregates.map(({ name }) => name).join(', '),
  junctionPath: found.nas?.path,
  exportPolicy: found.nas?.export_policy?.name,
  snapshotPolicy: found.snapshot_policy?.name,
  created: found.create_time,
});
