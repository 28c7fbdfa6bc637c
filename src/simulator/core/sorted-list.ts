/** Pieces stay shorter than this; a longer one is cut in two. */
const LONGEST_PIECE = 256;

/**
 * A sorted list in pieces, so that a change moves few elements however many there are. No two elements compare as equal.
 */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  /** None is empty. */
  readonly #pieces: T[][] = [];
  #whole: readonly T[] | undefined;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** As it is now: later changes do not show. */
  values(): readonly T[] {
    this.#whole ??= this.#pieces.length === 1 ? (this.#pieces[0] ?? []).slice() : this.#pieces.flat();
    return this.#whole;
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Takes one out, puts one in, or puts one in the place of another. */
  replace(before: T | undefined, after: T | undefined): void {
    this.#whole = undefined;
    if (before !== undefined && after !== undefined && this.#compare(before, after) === 0) {
      const { piece, at } = this.#find(before);
      if (piece) piece[at] = after;
      return;
    }
    if (before !== undefined) this.#remove(before);
    if (after !== undefined) this.#insert(after);
  }

  #insert(value: T) {
    const { piece, index, at } = this.#find(value);
    if (!piece) {
      this.#pieces.push([value]);
      return;
    }
    piece.splice(at, 0, value);
    if (piece.length >= LONGEST_PIECE) this.#pieces.splice(index + 1, 0, piece.splice(LONGEST_PIECE / 2));
  }

  #remove(value: T) {
    const { piece, index, at } = this.#find(value);
    if (!piece) return;
    piece.splice(at, 1);
    if (piece.length === 0) this.#pieces.splice(index, 1);
  }

  /** The piece in which the value is or belongs, and its place there. */
  #find(value: T): { readonly piece: T[] | undefined; readonly index: number; readonly at: number } {
    const index = Math.max(0, Math.min(this.#pieces.length - 1, this.#pieceOf(value)));
    const piece = this.#pieces[index];
    return { piece, index, at: piece ? firstNotBefore(piece, value, this.#compare) : 0 };
  }

  /** The first piece whose last element is not before the value. */
  #pieceOf(value: T): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = this.#pieces[middle]?.at(-1);
      if (last !== undefined && this.#compare(last, value) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const firstNotBefore = <T>(list: readonly T[], value: T, compare: (a: T, b: T) => number): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = list[middle];
    if (there !== undefined && compare(there, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
