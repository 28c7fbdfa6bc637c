import { autogrowPolicyExternal } from '../../client/wire/core.ts';
import { Problem } from '../problem.ts';
import { callOptions, FailedAnswer, type HandlerContext, type HandlersFor } from './handler.ts';
import { availableLayers, availableWorkflows } from './log-settings.ts';
import { operationToWire } from './to-wire.ts';

type CoreNames = 'getVersion' | 'health' | 'listOperations' | 'getOperation' | 'recoverOperations';

export const coreHandlers = (context: HandlerContext): HandlersFor<CoreNames> => ({
  /** Answers its version even while it cannot serve; probes look at the status. */
  getVersion: async () => {
    const { version, runtime } = context;
    const answer = { version, goVersion: runtime, acpVersion: version };
    try {
      context.orchestrator();
    } catch (error) {
      throw Problem.is(error) ? new FailedAnswer(error, answer) : error;
    }
    return answer;
  },
  /** A core that cannot read its own records is not well, although it answers. */
  health: async () => {
    await context.orchestrator().storageClasses.names();
    return { status: 'ok', version: context.version };
  },
  listOperations: async () => ({
    operations: (await context.orchestrator().operations.list()).map(operationToWire),
  }),
  getOperation: async (call) => ({
    operation: operationToWire(await context.orchestrator().operations.get(call.params.operation)),
  }),
  recoverOperations: async (call) => ({
    operations: (await context.orchestrator().operations.recover(callOptions(call))).map(operationToWire),
  }),
});

type LoggingNames =
  | 'getCurrentLogLevel'
  | 'setLogLevel'
  | 'getLoggingWorkflows'
  | 'listLoggingWorkflows'
  | 'setLoggingWorkflows'
  | 'getLogLayers'
  | 'listLogLayers'
  | 'setLoggingLayers';

/** Logging answers and obeys while the core starts, too: that is when it is wanted most. */
export const loggingHandlers = ({ logging }: HandlerContext): HandlersFor<LoggingNames> => ({
  getCurrentLogLevel: async () => ({ logLevel: logging.level() }),
  setLogLevel: async (call) => {
    logging.setLevel(call.params.level);
    return { error: '' };
  },
  getLoggingWorkflows: async () => ({ logWorkflows: logging.workflows() }),
  listLoggingWorkflows: async () => ({ availableLoggingWorkflows: availableWorkflows }),
  setLoggingWorkflows: async (call) => {
    logging.setWorkflows(call.body().logWorkflows ?? '');
    return { error: '' };
  },
  getLogLayers: async () => ({ logLayers: logging.layers() }),
  listLogLayers: async () => ({ availableLogLayers: availableLayers }),
  setLoggingLayers: async (call) => {
    logging.setLayers(call.body().logLayers ?? '');
    return { error: '' };
  },
});

type AutogrowNames = 'getAutogrowPolicy' | 'listAutogrowPolicies';

/** There are no autogrow policies in this core, so every name is unknown. */
export const autogrowHandlers = (context: HandlerContext): HandlersFor<AutogrowNames> => ({
  getAutogrowPolicy: async (call) => {
    context.orchestrator();
    const message = `autogrow policy '${call.params.autogrowPolicy}' not found`;
    throw new FailedAnswer(new Problem('autogrowpolicy.not-found', 'notFound', message, { nothingDone: true }), {
      autogrowPolicy: autogrowPolicyExternal.zero,
    });
  },
  listAutogrowPolicies: async () => {
    context.orchestrator();
    return { autogrowPolicies: [] };
  },
});
