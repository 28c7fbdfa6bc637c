import type { Operation } from './declaration.ts';

/** What jobs that are under way hold: keys that nobody else may take meanwhile, and the records that they work on. */
export class JobClaims {
  readonly #holders = new Map<string, string>();
  readonly #keys = new Map<string, readonly string[]>();
  readonly #jobs = new Map<string, Set<string>>();

  isClaimed(key: string): boolean {
    return this.#holders.has(key);
  }

  /** The jobs that work on a record. */
  jobsOn(record: string): readonly string[] {
    return [...(this.#jobs.get(record) ?? [])];
  }

  claim(job: string, keys: readonly string[], operations: readonly Operation[]): void {
    this.#keys.set(job, keys);
    for (const key of keys) this.#holders.set(key, job);
    for (const { id: record } of operations) {
      const jobs = this.#jobs.get(record) ?? new Set();
      this.#jobs.set(record, jobs.add(job));
    }
  }

  /** Of a job that has ended. */
  drop(job: string, operations: readonly Operation[]): void {
    for (const key of this.#keys.get(job) ?? []) this.#holders.delete(key);
    this.#keys.delete(job);
    for (const { id: record } of operations) {
      this.#jobs.get(record)?.delete(job);
      if (this.#jobs.get(record)?.size === 0) this.#jobs.delete(record);
    }
  }

  clear(): void {
    for (const map of [this.#holders, this.#keys, this.#jobs]) map.clear();
  }
}
