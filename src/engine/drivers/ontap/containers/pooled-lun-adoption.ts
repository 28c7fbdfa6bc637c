import { afterWork } from '../../../problem.ts';
import { asJson } from '../as-json.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import { pathOf, baseOf, pooledLunId } from '../lun-names.ts';
import { noRepair } from '../parts.ts';
import type { Contained } from '../parts.ts';
import { parsePooledImport } from '../plans/pooled-lun-import-plan.ts';
import { FlexVolChanges } from './flexvol-changes.ts';
import { lunImportFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import type { PooledParts } from './pooled-parts.ts';
import { importFields } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

/** Takes over LUNs that are there already, named `flexvol/lun`. Never deletes any, and unmaps nobody. */
export class PooledLunImport {
  readonly #parts: PooledParts;
  readonly #volumes: Volumes;
  readonly #changes: FlexVolChanges;

  constructor(parts: PooledParts, volumes: Volumes) {
    this.#parts = parts;
    this.#volumes = volumes;
    this.#changes = new FlexVolChanges(parts.backend);
  }

  async find(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    const [flexVol = '', name = '', ...rest] = originalName.split('/');
    if (!/^\w+$/.test(flexVol) || !/^\w[\w.-]*$/.test(name) || rest.length > 0) return undefined;
    const volume = await this.#volumes.find(flexVol, importFields, signal);
    if (volume === undefined) return undefined;
    const lun = await this.#parts.luns.find(pathOf(flexVol, name), lunImportFieldNames, signal);
    if (lun === undefined) return undefined;
    return {
      size: lun.space?.size ?? 0,
      facts: { flexVol, state: lun.status?.state, serialNumber: lun.serial_number, created: lun.create_time },
      details: { lun: asJson(lun), volume: asJson(volume) },
    };
  }

  /** Renames the LUN, whose new name may be taken, then its FlexVol. */
  async adopt(plan: ImportPlan, signal: AbortSignal): Promise<Contained> {
    const { lun, volume, flexVol } = parsePooledImport(plan.details);
    const { pools, backend } = this.#parts;
    const name = plan.config.internalName;
    const path = pathOf(volume.name, name);
    if (path !== lun.name) await this.#renameLun(lun, lun.name, path, signal);
    try {
      if (flexVol !== volume.name) await this.#renameVolume(volume.uuid, volume.name, flexVol, signal);
    } catch (error) {
      throw path === lun.name ? error : afterWork(error);
    }
    pools.forget(volume.uuid);
    const made = { ...lun, name: pathOf(flexVol, name) };
    return {
      ref: {
        lun: { uuid: made.uuid, name: made.name, serial: made.serial_number },
        volume: { uuid: volume.uuid, name: flexVol },
      },
      size: plan.config.size,
      config: { internalID: pooledLunId(backend.facts.svm.name, flexVol, name) },
    };
  }

  /** Puts back what an import changed, as far as it still is what the import made of it. */
  async giveBack(plan: ImportPlan, signal: AbortSignal): Promise<void> {
    const { lun, volume, flexVol } = parsePooledImport(plan.details);
    const now = await this.#volumes.findByUuid(volume.uuid, 'name', signal);
    if (now === undefined) return;
    if (now.name === flexVol && flexVol !== volume.name)
      await this.#renameVolume(volume.uuid, flexVol, volume.name, signal);
    const found = await this.#parts.luns.findByUuid(lun.uuid, 'name', signal);
    if (found !== undefined && baseOf(found.name) === plan.config.internalName && found.name !== lun.name)
      await this.#renameLun(lun, found.name, lun.name, signal);
    this.#parts.pools.forget(volume.uuid);
  }

  async #renameLun(lun: LunOnOntap, from: string, to: string, signal: AbortSignal): Promise<void> {
    const change = {
      fields: 'name',
      done: (found: LunOnOntap) => found.name === to,
      what: `renaming LUN ${from} to ${to}`,
    };
    if (!(await this.#parts.luns.patch(lun, { name: to }, change, signal))) throw this.#parts.luns.missing(from);
  }

  async #renameVolume(uuid: string, from: string, to: string, signal: AbortSignal): Promise<void> {
    const what = `renaming FlexVol ${from} to ${to}`;
    if (!(await this.#changes.patch({ uuid, name: from }, { name: to }, noRepair, what, signal)))
      throw this.#volumes.missing(from);
  }
}
