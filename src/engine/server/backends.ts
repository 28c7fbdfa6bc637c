import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import { backendConfigOf } from './from-wire.ts';
import { callOptions, FailedAnswer, listening, type HandlerContext, type HandlersFor } from './handler.ts';
import { backendToWire } from './to-wire.ts';

type Names =
  | 'addBackend'
  | 'updateBackend'
  | 'updateBackendState'
  | 'getBackend'
  | 'listBackends'
  | 'listBackendDetails'
  | 'deleteBackend'
  | 'repairBackend';

/** The name a configuration gives its backend; keys match in any case. */
const nameIn = (config: JsonObject): string => {
  const key = Object.keys(config).find((one) => one.toLowerCase() === 'backendname');
  const name = key === undefined ? undefined : config[key];
  return typeof name === 'string' ? name : '';
};

/** Stock names the backend whose driver did not start, although it keeps nothing of it. */
const namingFailed = (config: JsonObject, error: unknown): unknown =>
  Problem.is(error) && error.message.startsWith('problem initializing storage driver')
    ? new FailedAnswer(error, { backend: nameIn(config) })
    : error;

export const backendHandlers = (context: HandlerContext): HandlersFor<Names> => ({
  addBackend: async (call) => {
    const { backends } = context.orchestrator();
    const config = backendConfigOf(call.body());
    const { warn, warnings } = listening();
    try {
      const { name } = await backends.add(config, { ...callOptions(call), warn });
      return { backend: name, ...warnings() };
    } catch (error) {
      throw namingFailed(config, error);
    }
  },
  updateBackend: async (call) => {
    const { backends } = context.orchestrator();
    const config = backendConfigOf(call.body());
    const { warn, warnings } = listening();
    const { name } = await backends.update(call.params.backend, config, { ...callOptions(call), warn });
    return { backend: name, ...warnings() };
  },
  updateBackendState: async (call) => {
    const { state = '', userState = '' } = call.body();
    const backend = await context
      .orchestrator()
      .backends.updateState(call.params.backend, { state, userState }, callOptions(call));
    return { backend: backend.name };
  },
  getBackend: async (call) => ({
    backend: backendToWire(await context.orchestrator().backends.get(call.params.backend)),
  }),
  listBackends: async () => ({
    backends: await context.orchestrator().backends.names(),
    details: '/details/backend',
  }),
  listBackendDetails: async () => ({ backends: (await context.orchestrator().backends.list()).map(backendToWire) }),
  deleteBackend: async (call) => {
    const { warn, warnings } = listening();
    await context.orchestrator().backends.remove(call.params.backend, { ...callOptions(call), warn });
    return warnings();
  },
  repairBackend: async (call) => {
    const { backends } = context.orchestrator();
    const { dryRun = false } = call.body();
    const { changes, leftAlone } = await backends.repairAccess(call.params.backend, { ...callOptions(call), dryRun });
    return { changes, applied: !dryRun, ...(leftAlone.length === 0 ? {} : { leftAlone }) };
  },
});
