import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { Remembered } from '../remembered.ts';

const serviceSchema = v.object({
  enabled: v.optional(v.boolean(), true),
  target: v.optional(v.object({ name: v.optional(v.string(), '') })),
});

/** The SVM as an iSCSI target. An administrator may give it another name, seldom and while nobody uses the old one. */
export class IscsiTarget {
  readonly #backend: OntapBackend;
  readonly #name: Remembered<string>;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
    this.#name = new Remembered(backend.environment.now);
  }

  /**
   * The IQN that nodes log in to.
   * @throws Problem `svm.protocol` when the SVM does not serve iSCSI
   */
  name(signal: AbortSignal): Promise<string> {
    return this.#name.get(() => this.#read(signal), signal);
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
