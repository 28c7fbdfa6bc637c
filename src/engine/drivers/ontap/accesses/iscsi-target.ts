import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { Limiter } from '../client/waiting.ts';

const serviceSchema = v.object({
  enabled: v.optional(v.boolean(), true),
  target: v.optional(v.object({ name: v.optional(v.string(), '') })),
});

/** How long a name counts. An administrator may give another, seldom and while nobody uses the old one. */
const freshMs = 600_000;

/** The SVM as an iSCSI target. Its name is read once in a while, for all who publish. */
export class IscsiTarget {
  readonly #backend: OntapBackend;
  readonly #looking = new Limiter(1);
  #name = '';
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /**
   * The IQN that nodes log in to.
   * @throws Problem `svm.protocol` when the SVM does not serve iSCSI
   */
  async name(signal: AbortSignal): Promise<string> {
    if (this.#isFresh) return this.#name;
    return this.#looking.run(async () => {
      if (!this.#isFresh) {
        this.#name = await this.#read(signal);
        this.#readAt = this.#now;
      }
      return this.#name;
    }, signal);
  }

  get #isFresh(): boolean {
    return this.#now - this.#readAt < freshMs;
  }

  get #now(): number {
    return this.#backend.environment.now().getTime();
  }

  async #read(signal: AbortSignal): Promise<string> {
    const { client, facts } = this.#backend;
    const query = { 'svm.uuid': facts.svm.uuid, fields: 'target.name,enabled' };
    const answer = await client.list('/protocols/san/iscsi/services', query, serviceSchema, signal);
    const services = this.#backend.must(answer, 'reading the iSCSI target');
    const name = services.find(({ enabled }) => enabled)?.target?.name ?? '';
    if (name !== '') return name;
    throw new Problem('svm.protocol', 'unavailable', `SVM ${facts.svm.name} does not serve iSCSI`, {
      hint: 'create and enable the iSCSI service of the SVM (its licence must be installed)',
      nothingDone: true,
    });
  }
}
