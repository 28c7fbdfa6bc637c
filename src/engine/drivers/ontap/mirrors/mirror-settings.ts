import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { MirrorWish } from '../../mirrors.ts';
import type { OntapBackend } from '../backend.ts';
import { parseHandle } from './mirror-ref.ts';
import { ReplicationSettings } from './replication-settings.ts';

const peerSchema = v.object({
  name: v.optional(v.string(), ''),
  peer: v.optional(v.object({ svm: v.optional(v.object({ name: v.optional(v.string(), '') })) })),
});

/** The policy and schedule of a mirror, checked as far as the array tells before anything is changed (ontap-drivers.md 15.1). */
export class MirrorSettings {
  readonly #backend: OntapBackend;
  readonly #replication: ReplicationSettings;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
    this.#replication = new ReplicationSettings(backend.client, backend.settings, backend.facts.svm);
  }

  /** What is asked for, else what the backend is configured with. A schedule goes with asynchronous policies only. */
  async resolve(
    wish: MirrorWish,
    signal: AbortSignal,
  ): Promise<{ readonly policy: string; readonly schedule: string }> {
    const { replicationPolicy = '', replicationSchedule = '' } = this.#backend.settings.given;
    const policy = wish.policy === '' ? (replicationPolicy ?? '') : wish.policy;
    const schedule = wish.schedule === '' ? (replicationSchedule ?? '') : wish.schedule;
    const isSync = policy !== '' && (await this.#replication.policyType(policy, signal)) === 'sync';
    if (schedule !== '' && !isSync) await this.#replication.checkSchedule(schedule, signal);
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
}
