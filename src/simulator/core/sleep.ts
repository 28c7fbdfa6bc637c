/** Milliseconds that a timer of the machine reaches at most; one for longer would go off at once. */
export const longestTimer = 2 ** 31 - 1;

/** Waits in real time, never too short; ends early, without an error, when the signal aborts. */
export const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = performance.now() + milliseconds;
    let timer: NodeJS.Timeout | undefined;
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve();
    };
    // Timers count from when the event loop last looked at the clock, which may have been a while ago.
    const wait = (left: number) => {
      if (left <= 0 || signal.aborted) stop();
      else timer = setTimeout(() => wait(end - performance.now()), Math.min(Math.ceil(left), longestTimer));
    };
    signal.addEventListener('abort', stop);
    wait(milliseconds);
  });
