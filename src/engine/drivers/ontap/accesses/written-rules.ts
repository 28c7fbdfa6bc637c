import { randomUUID } from 'node:crypto';
import type { DriverNotes } from '../../driver.ts';
import { notesOfProcess } from '../../process-notes.ts';
import type { OntapBackend } from '../backend.ts';

/**
 * On record with the backend: for which addresses we wrote rules into policies that no single volume's handle answers for.
 * A rule does not tell who wrote it, so that only this record makes one ours. It is made before the array is asked and
 * withdrawn when the rule turns out to have been there; two who write at once each withdraw their own claim only
 * (docs/decisions/0017).
 */
export class WrittenRules {
  readonly #notes: DriverNotes;

  constructor({ environment }: OntapBackend) {
    this.#notes = environment.notes ?? notesOfProcess();
  }

  /** The addresses for which we wrote rules into a policy. */
  async of(policy: string): Promise<ReadonlySet<string>> {
    const before = `${noteOf(policy)}/`;
    const keys = await this.#notes.keys(before);
    return new Set(keys.map((key) => key.slice(before.length).split('/')[0] ?? ''));
  }

  /**
   * Writes rules that were seen to be missing.
   * @param write answers for which of the addresses it wrote a rule itself. When it throws, its end is not known: what it
   *   may have written stays on record as ours.
   */
  async writing(policy: string, addresses: readonly string[], write: () => Promise<readonly string[]>): Promise<void> {
    const claim = randomUUID();
    for (const address of addresses) await this.#notes.put(noteOf(policy, address, claim), '');
    const written = new Set(await write());
    for (const address of addresses)
      if (!written.has(address)) await this.#notes.remove(noteOf(policy, address, claim));
  }

  /** The rules for these are not there any more. */
  async forget(policy: string, addresses: readonly string[]): Promise<void> {
    for (const address of addresses)
      for (const key of await this.#notes.keys(`${noteOf(policy, address)}/`)) await this.#notes.remove(key);
  }
}

const noteOf = (...parts: readonly string[]): string => ['export-rule', ...parts].join('/');
