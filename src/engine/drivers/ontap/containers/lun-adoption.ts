import { Problem } from '../../../problem.ts';
import { asJson } from '../as-json.ts';
import type { ImportCandidate, ImportPlan } from '../../driver.ts';
import { afterWork } from '../client/problems.ts';
import type { Contained, Wish } from '../parts.ts';
import { parseLunImport } from '../san-import-plan.ts';
import type { FlexVolContainer } from './flexvol.ts';
import { lunImportFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunPath } from './lun-ref.ts';
import type { Luns } from './luns.ts';
import type { NasFields } from './nas-fields.ts';
import { importFields } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

const untouched: Wish<NasFields> = { fields: {}, repair: async () => false };

/** Takes over FlexVols with a LUN that are there already. Never deletes any, and unmaps nobody. */
export class LunAdoption {
  readonly #flexVols: FlexVolContainer;
  readonly #volumes: Volumes;
  readonly #luns: Luns;

  constructor(flexVols: FlexVolContainer, volumes: Volumes, luns: Luns) {
    this.#flexVols = flexVols;
    this.#volumes = volumes;
    this.#luns = luns;
  }

  /** Two looks: at the volume, and at what is in it. */
  async find(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    const volume = await this.#volumes.find(originalName, importFields, signal);
    if (volume === undefined) return undefined;
    const luns = await this.#luns.listIn(originalName, lunImportFieldNames, signal);
    return {
      size: luns[0]?.space?.size ?? 0,
      facts: {
        type: volume.type,
        state: volume.state,
        aggregate: volume.aggregates.map(({ name }) => name).join(', '),
        luns: luns.map(({ name }) => name).join(', '),
        mappedTo: igroupsOf(luns).join(', '),
        created: volume.create_time,
      },
      details: { found: asJson(volume), luns: luns.map(asJson) },
    };
  }

  /** Renames the LUN, then the FlexVol; both come back when the second is refused. */
  async adopt(plan: ImportPlan, signal: AbortSignal): Promise<Contained> {
    const { lun } = parseLunImport(plan.details);
    const target = lunPath(plan.originalName);
    const rename = plan.config.importNotManaged || lun.name === target || plan.config.importNoRename;
    if (!rename) await this.#rename(lun, target, signal);
    try {
      const made = await this.#flexVols.adopt(plan, untouched, signal);
      const name = rename && lun.name !== target ? lun.name : lunPath(plan.config.internalName);
      return { ...made, ref: { ...made.ref, lun: { uuid: lun.uuid, name, serial: lun.serial_number } } };
    } catch (error) {
      throw rename ? error : afterWork(error);
    }
  }

  /** Puts back what an import changed, as far as it still is what the import made of it. */
  async giveBack(plan: ImportPlan, signal: AbortSignal): Promise<void> {
    await this.#flexVols.giveBack(plan, untouched, signal);
    const { lun, found } = parseLunImport(plan.details);
    if (plan.config.importNotManaged || plan.config.importNoRename || lun.name === lunPath(plan.originalName)) return;
    const now = await this.#luns.findByUuid(lun.uuid, 'name', signal);
    if (now?.name === lunPath(found.name)) await this.#rename(lun, lun.name, signal, now.name);
  }

  async #rename(lun: LunOnOntap, to: string, signal: AbortSignal, from = lun.name): Promise<void> {
    const change = {
      fields: 'name',
      done: (found: LunOnOntap) => found.name === to,
      what: `renaming LUN ${from} to ${to}`,
    };
    if (!(await this.#luns.patch(lun, { name: to }, change, signal)))
      throw new Problem('volume.not-on-array', 'notFound', `there is no LUN ${from} any more`, { nothingDone: true });
  }
}

/** Names of the igroups that LUNs are mapped to. */
export const igroupsOf = (luns: readonly Pick<LunOnOntap, 'lun_maps'>[]): readonly string[] =>
  luns.flatMap((lun) => lun.lun_maps.map((map) => map.igroup?.name ?? '')).filter((name) => name !== '');
