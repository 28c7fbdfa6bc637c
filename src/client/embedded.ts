import type { Engine, EngineOptions } from '../engine/engine.ts';
import { Problem } from '../engine/problem.ts';
import type { Handlers, Operations } from '../engine/server/handler.ts';
import type { Store } from '../engine/store/store.ts';
import { bindCalls, type UntypedCall } from './bind.ts';
import type { Core } from './contract.ts';
import { operations } from './operations.ts';
import { fillPath } from './path.ts';

export interface EmbeddedCoreOptions extends Omit<EngineOptions, 'store'> {
  /** Called with the first call, never twice. The core closes what it opened. */
  readonly openStore: () => Promise<Store>;
  /** What runs the engine, told where stock tells its Go version: `node24.21.0`. */
  readonly runtime: string;
  /** For people: `embedded engine (state in /home/me/.local/state/tridentctl)`. */
  readonly description: string;
}

interface Opened {
  readonly store: Store;
  readonly engine: Engine;
  readonly handlers: Handlers;
  readonly call: typeof import('../engine/server/dispatch.ts').callHandler;
  readonly check: typeof import('../engine/server/request-body.ts').checkBody;
}

const open = async (options: EmbeddedCoreOptions): Promise<Opened> => {
  const { openStore, runtime, description: _description, ...engineOptions } = options;
  const [{ openEngine }, { bindHandlers }, { createLogSettings }, { callHandler }, { checkBody }] = await Promise.all([
    import('../engine/engine.ts'),
    import('../engine/server/handlers.ts'),
    import('../engine/server/log-settings.ts'),
    import('../engine/server/dispatch.ts'),
    import('../engine/server/request-body.ts'),
  ]);
  const store = await openStore();
  try {
    const engine = await openEngine({ ...engineOptions, store });
    const handlers = bindHandlers({
      orchestrator: () => engine.orchestrator,
      version: options.version,
      runtime,
      logging: createLogSettings(),
    });
    return { store, engine, handlers, call: callHandler, check: checkBody };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
};

const callOperation = async (opened: Opened, name: keyof Operations, call: UntypedCall): Promise<unknown> => {
  const operation = operations[name];
  // No path is needed here, but a name that no server could be asked for is refused here, too.
  fillPath(operation.path, call.params);
  call.signal.throwIfAborted();
  return opened.call(opened.handlers, name, {
    params: call.params,
    query: call.query ?? {},
    body: () => opened.check(operation, call.body),
    signal: call.signal,
    ...(call.progress === undefined ? {} : { progress: call.progress }),
  });
};

/**
 * The engine in this process, behind the same handlers as the server. Nothing is opened before the first call.
 * Calls reject with the engine's Problems.
 */
export const openEmbeddedCore = (options: EmbeddedCoreOptions): Core<typeof operations> => {
  let opening: Promise<Opened> | undefined;
  let isClosed = false;
  const opened = (): Promise<Opened> => {
    if (isClosed) throw new Problem('core.closed', 'bug', 'the core was closed before this call');
    return (opening ??= open(options));
  };
  return {
    call: bindCalls(operations, async (name, call) => callOperation(await opened(), name, call)),
    description: options.description,
    mode: 'embedded',
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      const settled = await opening?.catch(() => undefined);
      await settled?.engine[Symbol.asyncDispose]();
      await settled?.store[Symbol.asyncDispose]();
    },
  };
};
