import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isDuplicate, ontapCode } from '../client/codes.ts';
import type { Lost, Ok, Refused, Unreadable } from '../client/outcome.ts';
import type { Changed } from '../client/client.ts';
import { flexVolOfId, isDeletedNameOf, keptOfDeleted } from '../qtree-names.ts';
import type { NasFields } from './nas-fields.ts';
import { qtreeRef } from './qtree-ref.ts';
import { Rounds } from './rounds.ts';
import { viewOf } from './view.ts';

export const qtreeSchema = v.object({
  id: v.number(),
  name: v.optional(v.string(), ''),
  volume: v.object({ uuid: v.string(), name: v.string() }),
  export_policy: v.optional(v.object({ name: v.optional(v.string()) })),
  security_style: v.optional(v.string()),
  unix_permissions: v.optional(v.number()),
  nas: v.optional(v.object({ path: v.optional(v.string()) })),
});
export type QtreeOnOntap = v.InferOutput<typeof qtreeSchema>;

/** Asked for to compare a qtree with what an operation of ours would have made. */
const qtreeFields = 'name,volume,export_policy.name,security_style,unix_permissions,nas.path';
const path = '/storage/qtrees';
/** Names in one query; keeps the URL short. */
const namesAtOnce = 40;

/** Where nodes mount a qtree. */
export const mountPath = (qtree: QtreeOnOntap): string => qtree.nas?.path ?? `/${qtree.volume.name}/${qtree.name}`;

export const qtreeFieldsOf = (qtree: QtreeOnOntap): NasFields => ({
  path: mountPath(qtree),
  exportPolicy: qtree.export_policy?.name,
  securityStyle: qtree.security_style,
  unixPermissions: qtree.unix_permissions,
});

/** Facts of a qtree for people. */
export const describeQtree = (qtree: QtreeOnOntap, bytes: number | undefined): string =>
  [
    `in FlexVol ${qtree.volume.name}`,
    bytes === undefined ? 'without a quota' : `quota ${bytes} bytes`,
    `mounted at ${mountPath(qtree)}`,
    `export policy ${qtree.export_policy?.name ?? 'unknown'}`,
    `number ${qtree.id}`,
  ].join(', ');

/** Only these may stand in a query and mean nothing but themselves. */
const isPlain = (name: string): boolean => /^[\w.:-]+$/.test(name) && !name.includes('..');

/** Codes by which ONTAP refuses a name that a qtree of the FlexVol has. */
export const isQtreeTaken = ({ refusal }: Refused): boolean =>
  isDuplicate(refusal) || (refusal.code === ontapCode.qtreeFailed && /exists|in use/i.test(refusal.message));

/** Qtrees of the shared FlexVols of one prefix. */
export class Qtrees {
  readonly #backend: OntapBackend;
  readonly poolPrefix: string;
  readonly #rounds = new Rounds<readonly QtreeOnOntap[]>();

  constructor(backend: OntapBackend, poolPrefix: string) {
    this.#backend = backend;
    this.poolPrefix = poolPrefix;
  }

  /** Those of that name in any shared FlexVol of the prefix. */
  async findInPools(name: string, signal: AbortSignal): Promise<readonly QtreeOnOntap[]> {
    return this.#findAll([name], signal);
  }

  /** The same with one call for all who ask at the same time. */
  async findTogether(name: string, signal: AbortSignal): Promise<readonly QtreeOnOntap[]> {
    const run = (names: ReadonlySet<string>, inner: AbortSignal) => this.#findAll([...names], inner);
    return (await this.#rounds.join('', name, run, signal)).filter((qtree) => qtree.name === name);
  }

  /** The one of that name in a FlexVol. */
  async findIn(
    volume: { readonly uuid: string } | { readonly name: string },
    name: string,
    signal: AbortSignal,
  ): Promise<QtreeOnOntap | undefined> {
    const where = 'uuid' in volume ? { 'volume.uuid': volume.uuid } : { 'volume.name': volume.name };
    if ('name' in volume && !isPlain(volume.name)) return undefined;
    const found = await this.#list(
      { ...(isPlain(name) ? { name } : {}), ...where },
      `looking for qtree ${name}`,
      signal,
    );
    return found.find((qtree) => qtree.name === name);
  }

  /** All of the FlexVols of the prefix, without those that the FlexVols themselves are. */
  async listInPools(signal: AbortSignal): Promise<readonly QtreeOnOntap[]> {
    const query = {
      'volume.name': `${this.poolPrefix}*`,
      'svm.uuid': this.#backend.facts.svm.uuid,
      fields: 'name,volume',
    };
    const answer = await this.#backend.client.list(path, query, qtreeSchema, signal);
    return this.#backend.must(answer, 'listing the qtrees of the shared FlexVols').filter(({ name }) => name !== '');
  }

  /** All of one FlexVol, without the one that it is itself. */
  async listIn(
    volume: { readonly uuid: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<readonly QtreeOnOntap[]> {
    const query = { 'volume.uuid': volume.uuid, 'svm.uuid': this.#backend.facts.svm.uuid, fields: 'name,volume' };
    const answer = await this.#backend.client.list(path, query, qtreeSchema, signal);
    return this.#backend.must(answer, `listing the qtrees of FlexVol ${volume.name}`).filter(({ name }) => name !== '');
  }

  /** The qtree of a handle: by FlexVol and name when we know them, else by name in the FlexVols of the prefix. */
  async findOf(volume: VolumeHandle, signal: AbortSignal): Promise<QtreeOnOntap | undefined> {
    const ref = qtreeRef(volume.ref);
    if (ref !== undefined) return this.findIn(ref.volume, ref.name, signal);
    const name = viewOf(volume)?.name ?? volume.config.internalName;
    const flexVol = flexVolOfId(volume.config.internalID);
    if (flexVol !== undefined) return this.findIn({ name: flexVol }, name, signal);
    const [only, ...others] = await this.findInPools(name, signal);
    if (others.length === 0) return only;
    throw new Problem(
      'volume.ambiguous',
      'conflict',
      `${others.length + 1} qtrees have the name ${name}, and the record of volume ${volume.config.name} does not say in which FlexVol its own is`,
      { hint: 'rename or delete those that belong to nobody', nothingDone: true },
    );
  }

  /** A volume's qtree, or what is left of it when it waits for its deletion under another name. */
  async findToDelete(volume: VolumeHandle, signal: AbortSignal): Promise<readonly QtreeOnOntap[]> {
    const ref = qtreeRef(volume.ref);
    const name = ref?.name ?? volume.config.internalName;
    const flexVol = flexVolOfId(volume.config.internalID);
    if (!isPlain(name)) return [await this.findOf(volume, signal)].filter((found) => found !== undefined);
    const where: Readonly<Record<string, string>> =
      ref === undefined
        ? { 'volume.name': flexVol !== undefined && isPlain(flexVol) ? flexVol : `${this.poolPrefix}*` }
        : { 'volume.uuid': ref.volume.uuid };
    const query = { name: `${name}|deleted_${keptOfDeleted(name)}_*`, ...where };
    const found = await this.#list(query, `looking for qtree ${name}`, signal);
    const own = found.filter((qtree) => qtree.name === name);
    if (own.length > 1) await this.findOf(volume, signal);
    return [...own, ...found.filter((qtree) => isDeletedNameOf(qtree.name, name))];
  }

  async post(
    volume: { readonly uuid: string },
    name: string,
    body: Readonly<Record<string, unknown>>,
    isOurs: (found: QtreeOnOntap) => boolean,
    signal: AbortSignal,
  ): Promise<Ok<Changed> | Refused | Unreadable | Lost> {
    return this.#backend.change(
      {
        method: 'POST',
        path,
        body: { name, volume: { uuid: volume.uuid }, svm: { uuid: this.#backend.facts.svm.uuid }, ...body },
        job: { name },
        done: async (inner) => {
          const found = await this.findIn(volume, name, inner);
          if (found === undefined) return false;
          return isOurs(found) ? true : 'other';
        },
      },
      signal,
    );
  }

  async patch(
    qtree: QtreeOnOntap,
    body: Readonly<Record<string, unknown>>,
    done: (found: QtreeOnOntap | undefined) => boolean,
    name: string,
    signal: AbortSignal,
  ): Promise<Ok<Changed> | Refused | Unreadable | Lost> {
    return this.#backend.change(
      {
        method: 'PATCH',
        path: `${path}/${qtree.volume.uuid}/${qtree.id}`,
        body,
        job: 'byPath',
        done: async (inner) => done(await this.findIn(qtree.volume, name, inner)),
      },
      signal,
    );
  }

  /** Deletes the qtree of that number, which has just been found to have that name; one that is gone is as good. */
  async delete(qtree: QtreeOnOntap, signal: AbortSignal): Promise<Ok<unknown> | Refused | Unreadable | Lost> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${qtree.volume.uuid}/${qtree.id}`,
        job: 'byPath',
        done: async (inner) => (await this.findIn(qtree.volume, qtree.name, inner)) === undefined,
      },
      signal,
    );
    return outcome.kind === 'refused' && isAbsent(outcome.refusal) ? { kind: 'ok', value: undefined } : outcome;
  }

  async #findAll(names: readonly string[], signal: AbortSignal): Promise<readonly QtreeOnOntap[]> {
    const found: QtreeOnOntap[] = [];
    for (let at = 0; at < names.length; at += namesAtOnce) {
      const asked = names.slice(at, at + namesAtOnce);
      const query = {
        ...(asked.every(isPlain) ? { name: asked.join('|') } : {}),
        'volume.name': `${this.poolPrefix}*`,
      };
      found.push(...(await this.#list(query, `looking for qtree ${asked.join(', ')}`, signal)));
    }
    return found.filter(({ name, volume }) => names.includes(name) && volume.name.startsWith(this.poolPrefix));
  }

  missing(name: string): Problem {
    return new Problem(
      'volume.not-on-array',
      'notFound',
      `there is no qtree ${name} in the shared FlexVols of SVM ${this.#backend.facts.svm.name}`,
    );
  }

  async #list(
    query: Readonly<Record<string, string>>,
    what: string,
    signal: AbortSignal,
  ): Promise<readonly QtreeOnOntap[]> {
    const full = { ...query, 'svm.uuid': this.#backend.facts.svm.uuid, fields: qtreeFields };
    const answer = await this.#backend.client.list(path, full, qtreeSchema, signal);
    return this.#backend.must(answer, what);
  }
}
