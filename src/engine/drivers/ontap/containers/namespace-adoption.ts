import { asJson } from '../as-json.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import { parseNamespaceImport } from '../plans/nvme-import-plan.ts';
import { plainWish } from '../parts.ts';
import type { Contained, Wish } from '../parts.ts';
import type { DeviceAdoption } from './device-flexvol.ts';
import type { FlexVolContainer } from './flexvol.ts';
import type { NamespaceFields } from './namespace-devices.ts';
import { namespaceImportFieldNames } from './namespace-record.ts';
import type { NamespaceOnOntap } from './namespace-record.ts';
import { refOfNamespace } from './namespace-ref.ts';
import type { Namespaces } from './namespaces.ts';
import type { NasFields } from './nas-fields.ts';
import { importFields } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

const untouched = plainWish<NasFields>({});

/** Takes over FlexVols with a namespace that are there already. Never deletes any; the namespace keeps its own name. */
export class NamespaceAdoption implements DeviceAdoption<NamespaceFields, NamespaceOnOntap> {
  readonly #flexVols: FlexVolContainer;
  readonly #volumes: Volumes;
  readonly #namespaces: Namespaces;

  constructor(flexVols: FlexVolContainer, volumes: Volumes, namespaces: Namespaces) {
    this.#flexVols = flexVols;
    this.#volumes = volumes;
    this.#namespaces = namespaces;
  }

  /** Two looks: at the volume, and at what is in it. */
  async findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    const volume = await this.#volumes.find(originalName, importFields, signal);
    if (volume === undefined) return undefined;
    const inside = await this.#namespaces.listIn(originalName, namespaceImportFieldNames, signal);
    return {
      size: inside[0]?.space?.size ?? 0,
      facts: {
        type: volume.type,
        state: volume.state,
        aggregate: volume.aggregates.map(({ name }) => name).join(', '),
        namespaces: inside.map(({ name }) => name).join(', '),
        mappedTo: inside.flatMap(({ subsystem_map: map }) => map?.subsystem?.name ?? []).join(', '),
        created: volume.create_time,
      },
      details: { found: asJson(volume), namespaces: inside.map(asJson) },
    };
  }

  async adopt(plan: ImportPlan, _wish: Wish<NamespaceFields>, signal: AbortSignal): Promise<Contained> {
    const { namespace } = parseNamespaceImport(plan.details);
    const made = await this.#flexVols.adopt(plan, untouched, signal);
    // The path follows the volume's name.
    const name = namespace.name.replace(/^\/vol\/[^/]+\//, `/vol/${plan.config.internalName}/`);
    const ref = { ...made.ref, ...refOfNamespace({ uuid: namespace.uuid, name }) };
    return { ...made, ref, config: { ...made.config, internalID: name } };
  }

  giveBack(plan: ImportPlan, _wish: Wish<NamespaceFields>, signal: AbortSignal): Promise<void> {
    return this.#flexVols.giveBack(plan, untouched, signal);
  }
}
