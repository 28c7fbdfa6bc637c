import type { Dispatcher, Pool } from 'undici';

/** One HTTP answer with its whole body. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/**
 * Sends one request and collects the answer. Ends with the signal's reason when that aborts, with an error named
 * `TimeoutError` after `timeoutMs`, else with the error of the connection.
 *
 * Answers are small and read whole, so that the stream which `Pool.request` makes of each, and the signals that
 * `AbortSignal.any` and `AbortSignal.timeout` would make, cost more than everything else about a request.
 */
export const roundTrip = (
  pool: Pool,
  request: Dispatcher.DispatchOptions,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let controller: Dispatcher.DispatchController | undefined;
    let head: Omit<Answered, 'text'> = { status: 0, headers: {} };
    let failure: Error | undefined;

    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const giveUp = (reason: Error): void => {
      failure = reason;
      end();
      controller?.abort(reason);
      reject(reason);
    };
    const onAbort = (): void =>
      giveUp(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }));
    const timer = setTimeout(
      () => giveUp(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')),
      timeoutMs,
    );
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) {
      onAbort();
      return;
    }
    pool.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        // Given up while it waited for its connection.
        if (failure !== undefined) started.abort(failure);
      },
      onResponseStart(_, status, headers) {
        // Answers of the 1xx kind come before the one that counts.
        if (status >= 200) head = { status, headers };
      },
      onResponseData(_, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        end();
        resolve({ ...head, text: Buffer.concat(chunks).toString('utf8') });
      },
      onResponseError(_, error) {
        end();
        reject(error);
      },
    });
  });
