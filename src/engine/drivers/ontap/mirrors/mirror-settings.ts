import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { MirrorWish } from '../../mirrors.ts';
import type { OntapBackend } from '../backend.ts';
import { parseHandle } from './mirror-ref.ts';

const policySchema = v.object({
  name: v.string(),
  type: v.optional(v.string(), ''),
  sync_type: v.optional(v.string(), ''),
  copy_all_source_snapshots: v.optional(v.boolean(), false),
  svm: v.optional(v.object({ uuid: v.optional(v.string(), '') })),
});
type Policy = v.InferOutput<typeof policySchema>;
const scheduleSchema = v.object({ name: v.string() });
const peerSchema = v.object({
  name: v.optional(v.string(), ''),
  peer: v.optional(v.object({ svm: v.optional(v.object({ name: v.optional(v.string(), '') })) })),
});

const invalid = (code: string, message: string, hint: string): Problem =>
  new Problem(code, 'invalid', message, { hint, nothingDone: true });

/** The policy and schedule of a mirror, checked as far as the array tells before anything is changed (ontap-drivers.md 15.1). */
export class MirrorSettings {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /** What is asked for, else what the backend is configured with. A schedule goes with asynchronous policies only. */
  async resolve(
    wish: MirrorWish,
    signal: AbortSignal,
  ): Promise<{ readonly policy: string; readonly schedule: string }> {
    const { replicationPolicy = '', replicationSchedule = '' } = this.#backend.settings.given;
    const policy = wish.policy === '' ? (replicationPolicy ?? '') : wish.policy;
    const schedule = wish.schedule === '' ? (replicationSchedule ?? '') : wish.schedule;
    const isSync = policy !== '' && (await this.#checkPolicy(policy, signal)) === 'sync';
    if (schedule !== '' && !isSync) await this.#checkSchedule(schedule, signal);
    return { policy, schedule: isSync ? '' : schedule };
  }

  /** @throws Problem `mirror.not-peered` when the SVM cannot reach the other one */
  async requirePeer(remote: string, signal: AbortSignal): Promise<void> {
    const { name, uuid } = this.#backend.facts.svm;
    const { svm } = parseHandle(remote);
    if (svm === name) return;
    const query = { 'svm.uuid': uuid, fields: 'name,peer.svm.name' };
    const answer = await this.#backend.client.list('/svm/peers', query, peerSchema, signal);
    const peers = this.#backend.must(answer, `reading the peers of SVM ${name}`);
    if (peers.some((peer) => peer.name === svm || peer.peer?.svm?.name === svm)) return;
    throw new Problem(
      'mirror.not-peered',
      'conflict',
      `SVM ${name} has no peer ${svm}, so that it cannot mirror ${remote}`,
      {
        hint: 'peer the two SVMs for SnapMirror on the array',
        nothingDone: true,
      },
    );
  }

  async #checkPolicy(name: string, signal: AbortSignal): Promise<string> {
    const query = { name, fields: 'name,type,sync_type,copy_all_source_snapshots,svm.uuid' };
    const answer = await this.#backend.client.list('/snapmirror/policies', query, policySchema, signal);
    const found = this.#backend.must(answer, `looking for SnapMirror policy ${name}`);
    const own = (policy: Policy) => policy.svm?.uuid === this.#backend.facts.svm.uuid;
    const policy = found.find(own) ?? found.find(({ svm }) => svm === undefined);
    if (policy === undefined)
      throw invalid(
        'mirror.policy',
        `there is no SnapMirror policy ${name} for SVM ${this.#backend.facts.svm.name}`,
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

  async #checkSchedule(name: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#backend.client.list(
      '/cluster/schedules',
      { name, fields: 'name' },
      scheduleSchema,
      signal,
    );
    const found = this.#backend.must(answer, `looking for schedule ${name}`);
    if (found.length === 0)
      throw invalid(
        'mirror.schedule',
        `there is no schedule ${name} on the array`,
        'see job schedule show on the array',
      );
  }
}
