import type { Calls } from '../client/contract.ts';
import type { operations } from '../client/operations.ts';
import { chooseMode, openCore } from './core.ts';
import type { GlobalOptions, ObjectKind } from './command.ts';
import type { Terminal } from './terminal.ts';

/** Somebody waits with a finger on the key. */
const patienceMs = 1500;

const readers: Readonly<
  Record<ObjectKind, (call: Calls<typeof operations>, signal: AbortSignal) => Promise<readonly string[]>>
> = {
  backend: async (call, signal) => (await call.listBackends({ params: {}, signal })).backends,
  groupsnapshot: async (call, signal) => (await call.listGroupSnapshots({ params: {}, signal })).groupSnapshots ?? [],
  node: async (call, signal) => (await call.listNodes({ params: {}, signal })).nodes,
  operation: async (call, signal) => (await call.listOperations({ params: {}, signal })).operations.map(({ id }) => id),
  snapshot: async (call, signal) => (await call.listSnapshots({ params: {}, signal })).snapshots,
  storageclass: async (call, signal) => (await call.listStorageClasses({ params: {}, signal })).storageClasses,
  volume: async (call, signal) => (await call.listVolumes({ params: {}, signal })).volumes,
};

/** Whether there is a core that can be asked without making one: a state directory is not made for a question. */
const canAsk = async (options: GlobalOptions): Promise<boolean> => {
  const mode = await chooseMode(options);
  if (mode.kind !== 'embedded') return true;
  const { hasState } = await import('./engine-host.ts');
  return hasState(mode.stateDirectory);
};

const ask = async (kind: ObjectKind, options: GlobalOptions, terminal: Terminal, signal: AbortSignal) => {
  if (!(await canAsk(options))) return [];
  const core = await openCore(options, terminal);
  // What was asked is answered; that the core closes is not waited for.
  return readers[kind](core.call, signal).finally(
    () => void Promise.resolve(core[Symbol.asyncDispose]()).catch(() => undefined),
  );
};

const never = <T>(signal: AbortSignal, answer: T): Promise<T> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(answer), { once: true }));

/** Names of all that there are of a kind; none when the core cannot say it, or not soon. Says nothing, whatever happens. */
export const findObjectNames = async (
  kind: ObjectKind,
  options: GlobalOptions,
  terminal: Terminal,
): Promise<readonly string[]> => {
  const silent: Terminal = { ...terminal, out: () => undefined, err: () => undefined, errIsTTY: false };
  const signal = AbortSignal.timeout(patienceMs);
  try {
    return await Promise.race([
      ask(kind, { ...options, debug: false, verbose: false }, silent, signal),
      never<readonly string[]>(signal, []),
    ]);
  } catch {
    return [];
  }
};
