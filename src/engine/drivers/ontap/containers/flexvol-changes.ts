import type { OntapBackend } from '../backend.ts';
import { isAbsent } from '../client/codes.ts';
import type { Wish } from '../parts.ts';
import * as v from 'valibot';

/** Changes properties of a volume that is known by UUID. */
export class FlexVolChanges {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /**
   * One PATCH, repeated when the wish puts right what it was refused for. False when the volume is gone.
   * @throws Problem for every other refusal
   */
  async patch(
    volume: { readonly uuid: string; readonly name: string },
    body: Readonly<Record<string, unknown>>,
    wish: Pick<Wish<unknown>, 'repair'>,
    what: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    for (let repairs = 0; ; repairs++) {
      const outcome = await this.#backend.change(
        {
          method: 'PATCH',
          path: `/storage/volumes/${volume.uuid}`,
          body,
          job: 'byPath',
          done: (inner) => this.#holds(volume.uuid, body, inner),
        },
        signal,
      );
      if (outcome.kind === 'ok') return true;
      if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return false;
      if (outcome.kind === 'refused' && repairs < 2 && (await wish.repair(outcome, signal))) continue;
      throw this.#backend.problem(outcome, what);
    }
  }

  /** True when the volume shows every value of the body. */
  async #holds(uuid: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<boolean> {
    const fields = [...leaves(body, '')].map(([path]) => path);
    const answer = await this.#backend.client.read(
      `/storage/volumes/${uuid}`,
      { fields: fields.join(',') },
      v.looseObject({}),
      signal,
    );
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return false;
    const found = new Map(leaves(this.#backend.must(answer, 'looking at a changed volume'), ''));
    return [...leaves(body, '')].every(([path, value]) => (found.get(path) ?? '') === value);
  }
}

/** Dotted paths of an object's values. */
function* leaves(value: unknown, path: string): Generator<readonly [string, unknown]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield [path, value];
    return;
  }
  for (const [key, inner] of Object.entries(value)) yield* leaves(inner, path === '' ? key : `${path}.${key}`);
}
