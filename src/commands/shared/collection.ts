import type { Core } from '../../client/contract.ts';
import type { operations } from '../../client/operations.ts';
import { Problem } from '../../engine/problem.ts';
import { explain } from './explain.ts';

export type AnyCore = Core<typeof operations>;

/** The answer of a list call: names, and whether the core can give the things themselves in one more answer. */
interface Listed {
  readonly names: readonly string[];
  readonly details: boolean;
}

/** How the things of one kind are read. */
export interface Collection<T> {
  /** For messages: `volume`, `volumes`. */
  readonly one: string;
  readonly many: string;
  list(): Promise<Listed>;
  whole(): Promise<readonly T[]>;
  get(name: string): Promise<T>;
}

const together = 16;

/** Runs `work` on each item, a bounded number at once; results in order, the first failure in order wins. */
export const mapTogether = async <A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<readonly B[]> => {
  const results: Promise<B>[] = [];
  const state = { next: 0, failed: false };
  const worker = async () => {
    while (state.next < items.length && !state.failed) {
      const index = state.next++;
      const item = items[index];
      if (item === undefined) continue;
      const result = work(item);
      results[index] = result;
      // The failure itself is reported below, in the order of the items.
      await result.catch(() => (state.failed = true));
    }
  };
  await Promise.all(Array.from({ length: Math.min(together, items.length) }, worker));
  return Promise.all(results);
};

const getOne = <T>(collection: Collection<T>, name: string): Promise<T> =>
  explain(`could not get ${collection.one} ${name}`, () => collection.get(name));

/** What vanished between the list and the look is left out. */
const getIfThere = async <T>(collection: Collection<T>, name: string): Promise<readonly T[]> => {
  try {
    return [await getOne(collection, name)];
  } catch (error) {
    if (Problem.is(error) && error.kind === 'notFound') return [];
    throw error;
  }
};

/** The named things, or all of them. Against a core of ours all of them cost two requests at most. */
export const readCollection = async <T>(
  core: AnyCore,
  collection: Collection<T>,
  names: readonly string[],
): Promise<readonly T[]> => {
  if (names.length > 0) return mapTogether(names, (name) => getOne(collection, name));
  const readAll = () => explain(`could not get ${collection.many}`, () => collection.whole());
  if (core.mode === 'embedded') return readAll();
  const listed = await explain(`could not get ${collection.many}`, () => collection.list());
  if (listed.details) return readAll();
  return (await mapTogether(listed.names, (name) => getIfThere(collection, name))).flat();
};

/** An answer that should hold a thing and holds null. */
export const present = <T>(value: T | null, what: string): T => {
  if (value === null) throw new Problem('core.emptyAnswer', 'unavailable', `no ${what} returned`);
  return value;
};
