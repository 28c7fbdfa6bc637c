import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import { afterWork, Problem } from '../../../problem.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import { asJson } from '../as-json.ts';
import { noRepair } from '../parts.ts';
import type { Contained, Wish } from '../parts.ts';
import { parseQtreeImport } from '../plans/qtree-import-plan.ts';
import { qtreeId } from '../qtree-names.ts';
import { FlexVolChanges } from './flexvol-changes.ts';
import type { NasFields } from './nas-fields.ts';
import type { QtreeParts } from './qtree-create.ts';
import { withQtreeRef } from './qtree-ref.ts';
import type { QtreeOnOntap } from './qtrees.ts';
import { isQtreeTaken, mountPath, qtreeFieldsOf } from './qtrees.ts';
import { sharedFields, sharedSchema } from './shared-flexvol.ts';

/** Takes over qtrees that are there already. Never deletes any. */
export class QtreeImport {
  readonly #parts: QtreeParts;
  readonly #changes: FlexVolChanges;

  constructor(parts: QtreeParts) {
    this.#parts = parts;
    this.#changes = new FlexVolChanges(parts.backend);
  }

  /** @throws Problem `import.name` for a name that is not of the form `flexvol/qtree` */
  async find(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    const [flexVol = '', qtree = '', ...rest] = originalName.split('/');
    if (flexVol === '' || qtree === '' || rest.length > 0)
      throw new Problem('import.name', 'invalid', `${JSON.stringify(originalName)} does not name a qtree`, {
        hint: 'give the FlexVol and the qtree: FLEXVOL/QTREE',
        nothingDone: true,
      });
    const { backend, qtrees, quotas } = this.#parts;
    if (!/^[A-Za-z_]\w*$/.test(flexVol)) return undefined;
    const query = { name: flexVol, 'svm.uuid': backend.facts.svm.uuid, style: 'flexvol', fields: sharedFields };
    const [answer, found] = await Promise.all([
      backend.client.list('/storage/volumes', query, sharedSchema, signal),
      qtrees.findIn({ name: flexVol }, qtree, signal),
    ]);
    const [volume] = backend.must(answer, `looking for FlexVol ${flexVol}`);
    if (volume === undefined || found === undefined) return undefined;
    const quota = await quotas.findFor(volume.uuid, qtree, signal);
    return {
      size: quota?.bytes ?? 0,
      facts: {
        flexVol,
        quotas: volume.quota?.state,
        junctionPath: mountPath(found),
        exportPolicy: found.export_policy?.name,
        snapshotPolicy: volume.snapshot_policy?.name,
      },
      details: asJson({ volume, qtree: found }),
    };
  }

  async adopt(plan: ImportPlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    const { volume, qtree, flexVolName } = parseQtreeImport(plan.details);
    const name = plan.config.internalName;
    if (plan.config.importNotManaged) return this.#contained(plan, qtree, volume.name);
    if (name !== qtree.name) await this.#refuseTaken(name, qtree, signal);
    const found = qtreeFieldsOf(qtree);
    const { exportPolicy, unixPermissions } = wish.fields;
    const body = {
      ...(name === qtree.name ? {} : { name }),
      ...(exportPolicy === found.exportPolicy || exportPolicy === undefined
        ? {}
        : { export_policy: { name: exportPolicy } }),
      ...(unixPermissions === found.unixPermissions || unixPermissions === undefined
        ? {}
        : { unix_permissions: unixPermissions }),
    };
    if (Object.keys(body).length > 0) await this.#patch(qtree, body, wish, plan, signal);
    if (flexVolName !== volume.name) {
      const what = `giving FlexVol ${volume.name} the name of a shared one`;
      try {
        if (!(await this.#changes.patch(volume, { name: flexVolName }, noRepair, what, signal)))
          throw this.#parts.qtrees.missing(plan.originalName);
      } catch (error) {
        throw Object.keys(body).length > 0 ? afterWork(error) : error;
      }
    }
    return this.#contained(plan, qtree, flexVolName);
  }

  /** Puts back what an import changed, as far as it still is what the import made of it. */
  async giveBack(plan: ImportPlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<void> {
    if (plan.config.importNotManaged) return;
    const { volume, qtree: before, flexVolName } = parseQtreeImport(plan.details);
    const { backend, qtrees } = this.#parts;
    const name = plan.config.internalName;
    if (flexVolName !== volume.name) {
      const read = await backend.client.read(`/storage/volumes/${volume.uuid}`, { fields: 'name' }, nameSchema, signal);
      if (read.kind === 'ok' && read.value.name === flexVolName) {
        const what = `giving FlexVol ${flexVolName} back its name`;
        await this.#changes.patch(volume, { name: volume.name }, noRepair, what, signal);
      }
    }
    const now = await qtrees.findIn({ uuid: volume.uuid }, name, signal);
    // Not renamed, or meanwhile changed by somebody else; another qtree that has the name now is not ours to touch.
    if (now === undefined || now.id !== before.id) return;
    const [was, is] = [qtreeFieldsOf(before), qtreeFieldsOf(now)];
    const body = {
      ...(before.name === now.name ? {} : { name: before.name }),
      ...(is.exportPolicy === wish.fields.exportPolicy && was.exportPolicy !== is.exportPolicy
        ? { export_policy: { name: was.exportPolicy } }
        : {}),
      ...(is.unixPermissions === wish.fields.unixPermissions && was.unixPermissions !== is.unixPermissions
        ? { unix_permissions: was.unixPermissions }
        : {}),
    };
    if (Object.keys(body).length === 0) return;
    const done = (found: QtreeOnOntap | undefined) => found?.id === before.id;
    const outcome = await qtrees.patch(now, body, done, before.name, signal);
    backend.must(outcome, `giving qtree ${name} back its name and settings`);
  }

  /** Qtrees of one name in two FlexVols would share an export policy. */
  async #refuseTaken(name: string, original: QtreeOnOntap, signal: AbortSignal): Promise<void> {
    const { qtrees, shared } = this.#parts;
    if (shared.wasFree(name)) return;
    const others = await qtrees.findInPools(name, signal);
    const [other] = others.filter(({ id, volume }) => id !== original.id || volume.uuid !== original.volume.uuid);
    if (other === undefined) return;
    throw new Problem(
      'volume.exists-on-array',
      'exists',
      `qtree ${original.name} cannot be named ${name}: FlexVol ${other.volume.name} has one of that name`,
      { nothingDone: true, hint: 'choose another volume name, or rename the other one' },
    );
  }

  async #patch(
    qtree: QtreeOnOntap,
    body: Readonly<Record<string, unknown>>,
    wish: Wish<NasFields>,
    plan: ImportPlan,
    signal: AbortSignal,
  ): Promise<void> {
    const { backend, qtrees } = this.#parts;
    const name = plan.config.internalName;
    const done = (found: QtreeOnOntap | undefined) =>
      found?.id === qtree.id &&
      (wish.fields.exportPolicy === undefined || found.export_policy?.name === wish.fields.exportPolicy);
    for (let repairs = 0; ; repairs++) {
      const outcome = await qtrees.patch(qtree, body, done, name, signal);
      if (outcome.kind === 'ok') return;
      if (outcome.kind === 'refused' && isQtreeTaken(outcome))
        throw new Problem(
          'volume.exists-on-array',
          'exists',
          `qtree ${plan.originalName} cannot be named ${name}: its FlexVol has one of that name`,
          { array: outcome.refusal, nothingDone: true, hint: 'choose another volume name, or rename the other one' },
        );
      if (outcome.kind === 'refused' && repairs < 2 && (await wish.repair(outcome, signal))) continue;
      throw backend.problem(outcome, `importing qtree ${plan.originalName}`);
    }
  }

  #contained({ config }: ImportPlan, qtree: QtreeOnOntap, flexVol: string): Contained {
    const name = config.internalName;
    // The junction keeps the name that the FlexVol had when it was mounted.
    const path = `${mountPath(qtree).slice(0, -qtree.name.length)}${name}`;
    const ref: JsonObject = withQtreeRef({ volume: { uuid: qtree.volume.uuid, name: flexVol }, name, path });
    const svm = this.#parts.backend.facts.svm.name;
    return { ref, size: config.size, config: { internalID: qtreeId(svm, flexVol, name) } };
  }
}

const nameSchema = v.object({ name: v.string() });
