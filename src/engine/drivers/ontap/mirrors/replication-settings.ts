import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapClient } from '../client/client.ts';
import type { Refused, Unreadable } from '../client/outcome.ts';
import { problemOf } from '../client/problems.ts';
import type { OntapSettings } from '../config/settings.ts';

const policySchema = v.object({
  name: v.string(),
  type: v.optional(v.string(), ''),
  sync_type: v.optional(v.string(), ''),
  copy_all_source_snapshots: v.optional(v.boolean(), false),
  svm: v.optional(v.object({ uuid: v.optional(v.string(), '') })),
});
type Policy = v.InferOutput<typeof policySchema>;
const scheduleSchema = v.object({ name: v.string() });

const invalid = (code: string, message: string, hint: string): Problem =>
  new Problem(code, 'invalid', message, { hint, nothingDone: true });

/** SnapMirror policies and schedules as the array knows them (ontap-drivers.md 15.1). */
export class ReplicationSettings {
  readonly #client: OntapClient;
  readonly #settings: OntapSettings;
  readonly #svm: { readonly uuid: string; readonly name: string };

  constructor(client: OntapClient, settings: OntapSettings, svm: { readonly uuid: string; readonly name: string }) {
    this.#client = client;
    this.#settings = settings;
    this.#svm = svm;
  }

  /**
   * The policy and schedule that the backend is configured with, as far as it is; no call when it is not.
   * @throws Problem whose `path` is the key
   */
  async checkConfigured(signal: AbortSignal): Promise<void> {
    const { replicationPolicy = '', replicationSchedule = '' } = this.#settings.given;
    await Promise.all([
      replicationPolicy === '' ? undefined : at('replicationPolicy', () => this.policyType(replicationPolicy, signal)),
      replicationSchedule === ''
        ? undefined
        : at('replicationSchedule', () => this.checkSchedule(replicationSchedule, signal)),
    ]);
  }

  /** `sync` or `async`. @throws Problem `mirror.policy` for a policy that is not there or does not fit */
  async policyType(name: string, signal: AbortSignal): Promise<string> {
    const query = { name, fields: 'name,type,sync_type,copy_all_source_snapshots,svm.uuid' };
    const answer = await this.#client.list('/snapmirror/policies', query, policySchema, signal);
    if (answer.kind !== 'ok') throw this.#problem(answer, `looking for SnapMirror policy ${name}`);
    const own = (policy: Policy) => policy.svm?.uuid === this.#svm.uuid;
    const policy = answer.value.find(own) ?? answer.value.find(({ svm }) => svm === undefined);
    if (policy === undefined)
      throw invalid(
        'mirror.policy',
        `there is no SnapMirror policy ${name} for SVM ${this.#svm.name}`,
        'see snapmirror policy show on the array',
      );
    const fits =
      policy.type === 'sync' ? policy.sync_type !== '' : policy.type === 'async' && policy.copy_all_source_snapshots;
    if (!fits)
      throw invalid(
        'mirror.policy',
        `SnapMirror policy ${name} is neither synchronous nor one that copies all snapshots of the source`,
        'MirrorAllSnapshots and Sync are such policies',
      );
    return policy.type;
  }

  /** @throws Problem `mirror.schedule` */
  async checkSchedule(name: string, signal: AbortSignal): Promise<void> {
    const query = { name, fields: 'name' };
    const answer = await this.#client.list('/cluster/schedules', query, scheduleSchema, signal);
    if (answer.kind !== 'ok') throw this.#problem(answer, `looking for schedule ${name}`);
    if (answer.value.length === 0)
      throw invalid(
        'mirror.schedule',
        `there is no schedule ${name} on the array`,
        'see job schedule show on the array',
      );
  }

  #problem(answer: Refused | Unreadable, what: string): Problem {
    return problemOf(answer, what, {
      host: this.#client.host,
      username: this.#settings.username,
      svm: this.#svm.name,
    });
  }
}

/** Says which key of the configuration is wrong. */
const at = async (key: string, check: () => Promise<unknown>): Promise<void> => {
  try {
    await check();
  } catch (error) {
    if (!Problem.is(error) || error.kind !== 'invalid') throw error;
    throw new Problem('config.invalid', 'invalid', `${key}: ${error.message}`, {
      path: [key],
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
};
