import { afterWork } from '../../../problem.ts';
import { asJson } from '../as-json.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import { plainWish } from '../parts.ts';
import type { Contained, Wish } from '../parts.ts';
import type { DeviceAdoption } from './device-flexvol.ts';
import { parseLunImport } from '../plans/san-import-plan.ts';
import type { FlexVolContainer } from './flexvol.ts';
import type { LunFields } from './lun-fields.ts';
import { lunImportFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunPath } from './lun-ref.ts';
import type { Luns } from './luns.ts';
import type { NasFields } from './nas-fields.ts';
import { importFields } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

const untouched = plainWish<NasFields>({});

/** Takes over FlexVols with a LUN that are there already. Never deletes any, and unmaps nobody. */
export class LunAdoption implements DeviceAdoption<LunFields, LunOnOntap> {
  readonly #flexVols: FlexVolContainer;
  readonly #volumes: Volumes;
  readonly #luns: Luns;

  constructor(flexVols: FlexVolContainer, volumes: Volumes, luns: Luns) {
    this.#flexVols = flexVols;
    this.#volumes = volumes;
    this.#luns = luns;
  }

  /** Two looks: at the volume, and at what is in it. */
  async findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
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

  /** Renames the FlexVol, whose new name may be taken, then the LUN. */
  async adopt(plan: ImportPlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const { lun } = parseLunImport(plan.details);
    const made = await this.#flexVols.adopt(plan, untouched, signal);
    const target = lunPath(plan.config.internalName);
    const moved = movedTo(lun, plan.config.internalName);
    const ref = (name: string) => ({ ...made.ref, lun: { uuid: lun.uuid, name, serial: lun.serial_number } });
    if (!renames(plan) || moved === target) return { ...made, ref: ref(moved) };
    try {
      await this.#rename({ uuid: lun.uuid, name: moved }, target, signal);
    } catch (error) {
      throw afterWork(error);
    }
    return { ...made, ref: ref(target) };
  }

  /** Puts back what an import changed, as far as it still is what the import made of it. */
  async giveBack(plan: ImportPlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<void> {
    const { lun } = parseLunImport(plan.details);
    const moved = movedTo(lun, plan.config.internalName);
    const target = lunPath(plan.config.internalName);
    if (renames(plan) && moved !== target) {
      const now = await this.#luns.findByUuid(lun.uuid, 'name', signal);
      if (now?.name === target) await this.#rename({ uuid: lun.uuid, name: target }, moved, signal);
    }
    await this.#flexVols.giveBack(plan, untouched, signal);
  }

  async #rename(lun: { readonly uuid: string; readonly name: string }, to: string, signal: AbortSignal): Promise<void> {
    const change = {
      fields: 'name',
      done: (found: LunOnOntap) => found.name === to,
      what: `renaming LUN ${lun.name} to ${to}`,
    };
    if (!(await this.#luns.patch(lun, { name: to }, change, signal))) throw this.#luns.missing(lun.name);
  }
}

const renames = ({ config }: ImportPlan): boolean => !config.importNotManaged && !config.importNoRename;

/** Path of a LUN when its volume has got another name. */
const movedTo = ({ name }: Pick<LunOnOntap, 'name'>, volume: string): string =>
  name.replace(/^\/vol\/[^/]+\//, `/vol/${volume}/`);

/** Names of the igroups that LUNs are mapped to. */
const igroupsOf = (luns: readonly Pick<LunOnOntap, 'lun_maps'>[]): readonly string[] =>
  luns.flatMap((lun) => lun.lun_maps.map((map) => map.igroup?.name ?? '')).filter((name) => name !== '');
