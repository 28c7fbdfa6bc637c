/**
 * A list that is sorted when it is read: most changes come many at a time, between two readings or without any, and
 * then cost no comparison. Elements are known by their identity, and no two compare as equal.
 */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  /** In order, and never changed in place: it is given away. */
  #sorted: readonly T[] = [];
  /** What came and went since; there is no set where nothing did, since most lists of an index have one element. */
  #added: Set<T> | undefined;
  #removed: Set<T> | undefined;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** As it is now: later changes do not show. */
  values(): readonly T[] {
    const left = this.#removed;
    if (left !== undefined && left.size > 0) this.#sorted = this.#sorted.filter((each) => !left.has(each));
    if (this.#added !== undefined) this.#sorted = this.#merge([...this.#added].sort(this.#compare));
    this.#added = undefined;
    this.#removed = undefined;
    return this.#sorted;
  }

  get isEmpty(): boolean {
    return this.#sorted.length + (this.#added?.size ?? 0) === (this.#removed?.size ?? 0);
  }

  /** Takes one out, puts one in, or puts one in the place of another. */
  replace(before: T | undefined, after: T | undefined): void {
    if (this.#added === undefined && this.#sorted.length <= 1 && this.#sorted[0] === before) {
      this.#sorted = after === undefined ? [] : [after];
      return;
    }
    if (before !== undefined && this.#added?.delete(before) !== true) (this.#removed ??= new Set()).add(before);
    if (after !== undefined && this.#removed?.delete(after) !== true) (this.#added ??= new Set()).add(after);
  }

  #merge(added: readonly T[]): readonly T[] {
    const sorted = this.#sorted;
    const stretches: (readonly T[])[] = [];
    let from = 0;
    for (const value of added) {
      const to = this.#firstNotBefore(value, from);
      if (to > from) stretches.push(sorted.slice(from, to));
      stretches.push([value]);
      from = to;
    }
    return stretches.concat([sorted.slice(from)]).flat();
  }

  /** The place of the first element that is not before the value, looked for from a place on. */
  #firstNotBefore(value: T, from: number): number {
    let low = from;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#sorted[middle];
      if (there !== undefined && this.#compare(there, value) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
