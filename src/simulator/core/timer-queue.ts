/** Something to run at an instant; equal instants keep the order in which they were set. */
export interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const isBefore = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

const LEAST_KEPT = 64;

/** A binary heap of timers: the next one is found at once however many there are. */
export class TimerQueue {
  #heap: Timer[] = [];
  /** Those that still count; a cancelled timer stays in the heap until it comes to the top, or is one of too many. */
  readonly #live = new Set<Timer>();

  add(timer: Timer): void {
    this.#live.add(timer);
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
  }

  cancel(timer: Timer): void {
    this.#live.delete(timer);
    if (this.#heap.length < LEAST_KEPT || this.#heap.length < 2 * this.#live.size) return;
    // A sorted list is a heap.
    this.#heap = [...this.#live].sort((a, b) => a.at - b.at || a.order - b.order);
  }

  clear(): void {
    this.#live.clear();
    this.#heap = [];
  }

  /** All that are to come, in no order. */
  all(): readonly Timer[] {
    return [...this.#live];
  }

  /** In the order in which they run. */
  next(): Timer | undefined {
    for (;;) {
      const [top] = this.#heap;
      if (top === undefined || this.#live.has(top)) return top;
      this.#removeTop();
    }
  }

  #removeTop() {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number) {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >>> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number) {
    for (let at = from; ;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const [a, b] = [this.#heap[left], this.#heap[right]];
      const child = a && b && isBefore(b, a) ? right : left;
      if (!this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  /** True when the timer at `lower` came before the one at `upper` and they changed places. */
  #swapIfBefore(lower: number, upper: number): boolean {
    const [below, above] = [this.#heap[lower], this.#heap[upper]];
    if (!below || !above || !isBefore(below, above)) return false;
    this.#heap[lower] = above;
    this.#heap[upper] = below;
    return true;
  }
}
