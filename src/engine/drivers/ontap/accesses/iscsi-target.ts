import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { Limiter } from '../client/waiting.ts';

const serviceSchema = v.object({
  enabled: v.optional(v.boolean(), true),
  target: v.optional(v.object({ name: v.optional(v.string(), '') })),
});

/** The SVM as an iSCSI target. Its name does not change while a backend is open: it is read once, for all who publish. */
export class IscsiTarget {
  readonly #backend: OntapBackend;
  readonly #looking = new Limiter(1);
  #name: string;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
    this.#name = backend.facts.targetName;
  }

  /**
   * The IQN that nodes log in to.
   * @throws Problem `svm.protocol` when the SVM does not serve iSCSI
   */
  async name(signal: AbortSignal): Promise<string> {
    if (this.#name !== '') return this.#name;
    return this.#looking.run(async () => {
      if (this.#name === '') this.#name = await this.#read(signal);
      return this.#name;
    }, signal);
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
