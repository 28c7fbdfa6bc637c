/**
 * Hands out turns of the event loop, one to each who asks and in the order of asking: work that comes in heaps is then
 * done bit by bit, and what falls due meanwhile is not held up by the whole heap.
 */
export const newTurns = (): (() => Promise<void>) => {
  const waiting: (() => void)[] = [];
  const next = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  };
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(next);
    });
};
