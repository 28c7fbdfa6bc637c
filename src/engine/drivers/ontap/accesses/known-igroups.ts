import type { OntapBackend } from '../backend.ts';
import { sanMaps } from './san-ref.ts';

/**
 * The igroups that are believed to be there: this process has seen them, or a volume on record is mapped to them. A belief that
 * is wrong costs a call, and nothing else.
 */
export class KnownIgroups {
  readonly #backend: OntapBackend;
  readonly #seen = new Set<string>();

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  async has(igroup: string, node: string): Promise<boolean> {
    if (this.#seen.has(igroup)) return true;
    const others = (await this.#backend.environment.publishedTo?.(node)) ?? [];
    return others.some(({ ref }) => sanMaps(ref)[node]?.igroup === igroup);
  }

  add(igroup: string): void {
    this.#seen.add(igroup);
  }

  forget(igroup: string): void {
    this.#seen.delete(igroup);
  }
}
