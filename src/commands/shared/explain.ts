import { Problem } from '../../engine/problem.ts';
import { explain as explained } from '../../client/failure.ts';

/** Problems that tell of the way to the core, not of the request: they stand for themselves. */
export const isTransport = (error: unknown): boolean =>
  !Problem.is(error) || error.code.startsWith('server.') || error.code === 'core.unreadable';

/** Puts what was tried before what went wrong: `could not get volume v1: …`. */
export const explain = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw isTransport(error) ? error : explained(what, error);
  }
};
