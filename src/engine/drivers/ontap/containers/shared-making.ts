import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { Limiter, growingDelays, pause } from '../client/waiting.ts';
import { parseFlag } from '../config/rules.ts';
import { noRepair } from '../parts.ts';
import type { Wish } from '../parts.ts';
import { parsePlanDetails } from '../plans/plan.ts';
import { newPoolName } from '../pool-names.ts';
import { FlexVolChanges } from './flexvol-changes.ts';
import type { FlexVolCreation } from './flexvol-create.ts';
import type { NasFields } from './nas-fields.ts';
import type { QuotaRules } from './quota-rules.ts';
import type { SharedFlexVol } from './shared-flexvol.ts';
import { sharedFields, sharedSchema } from './shared-flexvol.ts';
import { volumeRef } from './volumes.ts';

/** Size of a new shared FlexVol; it follows its quotas as soon as it has one. */
const firstBytes = 2 ** 30;
const quotaSchema = v.object({ quota: v.optional(v.object({ state: v.optional(v.string(), 'off') })) });
/** What shared FlexVols are to access: what a new one gets, and which are not for us. */
export interface SharedAccess {
  wish(fields: Omit<NasFields, 'exportPolicy'>): Wish<NasFields>;
  /** True when others keep the FlexVol's access, so that no new qtrees of ours belong there. */
  isForeign(flexVol: SharedFlexVol): boolean;
}

/** Makes shared FlexVols, and sees to it that one can be used: mounted, quotas on. */
export class SharedMaking {
  readonly #backend: OntapBackend;
  readonly #creation: FlexVolCreation;
  readonly #changes: FlexVolChanges;
  readonly #quotas: QuotaRules;
  readonly #access: SharedAccess;
  readonly #readying = new Limiter(1);

  constructor(backend: OntapBackend, creation: FlexVolCreation, quotas: QuotaRules, access: SharedAccess) {
    this.#backend = backend;
    this.#creation = creation;
    this.#changes = new FlexVolChanges(backend);
    this.#quotas = quotas;
    this.#access = access;
  }

  /**
   * Makes a FlexVol for qtrees of this plan; what it still needs is done by `makeReady`.
   * @throws Problem `pool.ineligible` when no aggregate takes it
   */
  async make(plan: VolumePlan, poolPrefix: string, signal: AbortSignal): Promise<v.InferOutput<typeof sharedSchema>> {
    const { settings, client } = this.#backend;
    const name = newPoolName(poolPrefix, client.options.settings.random);
    const smb = settings.nasType === 'smb';
    const snapshotDirectory = parseFlag(plan.config.snapshotDirectory) === true;
    const wish = this.#access.wish({
      path: `/${name}`,
      securityStyle: smb ? 'ntfs' : 'unix',
      // Nodes pass through it to their qtrees, and see nothing else.
      unixPermissions: smb ? undefined : 711,
      snapshotDirectory,
    });
    const { reservePercent, tieringPolicy } = parsePlanDetails(plan.details);
    const made = await this.#creation.create(
      {
        ...plan,
        config: { ...plan.config, internalName: name, size: firstBytes, exportPolicy: wish.fields.exportPolicy ?? '' },
        details: { volumeBytes: firstBytes, reservePercent, comment: '', tieringPolicy, qosPolicy: '' },
      },
      wish,
      signal,
    );
    const aggregate = typeof made.ref['aggregate'] === 'string' ? made.ref['aggregate'] : '';
    const uuid = volumeRef(made.ref)?.uuid ?? '';
    if (aggregate === '') return this.#read(uuid, signal);
    return {
      uuid,
      name,
      size: firstBytes,
      type: 'rw',
      state: 'online',
      aggregates: [{ name: aggregate }],
      guarantee: { type: plan.config.spaceReserve },
      snapshot_policy: { name: plan.config.snapshotPolicy },
      space: { snapshot: { reserve_percent: reservePercent, used: 0 } },
      snapshot_directory_access_enabled: snapshotDirectory,
      ...(plan.config.encryption === '' ? {} : { encryption: { enabled: parseFlag(plan.config.encryption) === true } }),
      ...(tieringPolicy === '' ? {} : { tiering: { policy: tieringPolicy } }),
      nas: { path: `/${name}`, export_policy: { name: wish.fields.exportPolicy ?? '' } },
      quota: { state: 'off' },
    };
  }

  /** True when a new qtree may go there, as far as access is concerned. */
  admits(flexVol: SharedFlexVol): boolean {
    return !this.#access.isForeign(flexVol);
  }

  /**
   * Mounts a FlexVol that is not, and switches its quotas on. One at a time, since the first does it for all.
   * @param isNew it was made a moment ago, so that its quotas are certainly off
   */
  async makeReady(flexVol: SharedFlexVol, isNew: boolean, signal: AbortSignal): Promise<void> {
    const ready = () => flexVol.path !== '' && ['on', 'resizing'].includes(flexVol.found.quota?.state ?? 'on');
    if (ready()) return;
    await this.#readying.run(async () => {
      if (flexVol.path === '') await this.#mount(flexVol, signal);
      if (!ready()) await this.#switchOn(flexVol, isNew, signal);
    }, signal);
  }

  async #mount(flexVol: SharedFlexVol, signal: AbortSignal): Promise<void> {
    const path = `/${flexVol.name}`;
    const what = `mounting shared FlexVol ${flexVol.name}`;
    await this.#changes.patch(flexVol, { nas: { path } }, noRepair, what, signal);
    flexVol.found = { ...flexVol.found, nas: { ...flexVol.found.nas, path } };
  }

  async #switchOn(flexVol: SharedFlexVol, isNew: boolean, signal: AbortSignal): Promise<void> {
    await this.#quotas.createDefault(flexVol.uuid, signal);
    if (isNew || (await this.#quotaState(flexVol, signal)) === 'off') {
      const outcome = await this.#backend.change(
        {
          method: 'PATCH',
          path: `/storage/volumes/${flexVol.uuid}`,
          body: { quota: { enabled: true } },
          job: 'byPath',
          done: async (inner) => (await this.#quotaState(flexVol, inner)) !== 'off',
        },
        signal,
      );
      this.#backend.must(outcome, `switching on the quotas of shared FlexVol ${flexVol.name}`);
    }
    await this.#awaitOn(flexVol, signal);
    flexVol.found = { ...flexVol.found, quota: { state: 'on' } };
  }

  /** Switching on goes through all files of a FlexVol. */
  async #awaitOn(flexVol: SharedFlexVol, signal: AbortSignal): Promise<void> {
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(settings.firstJobDelayMs, settings.longestJobDelayMs, settings.random);
    const until = now().getTime() + settings.jobTimeoutMs;
    for (;;) {
      const state = await this.#quotaState(flexVol, signal);
      if (state === 'on' || state === 'resizing') return;
      if (state === 'corrupt' || now().getTime() >= until)
        throw new Problem(
          'quota.not-on',
          'unavailable',
          `the quotas of shared FlexVol ${flexVol.name} are ${state} and not on, so that sizes would not be enforced`,
          { hint: 'look at them with "volume quota show", and repeat this when they are on' },
        );
      await pause(delay(), signal);
    }
  }

  async #quotaState(flexVol: SharedFlexVol, signal: AbortSignal): Promise<string> {
    const answer = await this.#backend.client.read(
      `/storage/volumes/${flexVol.uuid}`,
      { fields: 'quota.state' },
      quotaSchema,
      signal,
    );
    const what = `reading the state of the quotas of FlexVol ${flexVol.name}`;
    return this.#backend.must(answer, what).quota?.state ?? 'off';
  }

  async #read(uuid: string, signal: AbortSignal) {
    const answer = await this.#backend.client.read(
      `/storage/volumes/${uuid}`,
      { fields: `name,${sharedFields}` },
      sharedSchema,
      signal,
    );
    return this.#backend.must(answer, 'reading a new shared FlexVol');
  }
}
