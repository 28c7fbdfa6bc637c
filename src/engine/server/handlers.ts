import { backendHandlers } from './backends.ts';
import { autogrowHandlers, coreHandlers, loggingHandlers } from './core-handlers.ts';
import type { HandlerContext, Handlers } from './handler.ts';
import { mirrorHandlers } from './mirrors.ts';
import { moveHandlers } from './moves.ts';
import { nodeHandlers, publicationHandlers } from './nodes.ts';
import { planHandlers } from './plans.ts';
import { snapshotHandlers } from './snapshots.ts';
import { storageClassHandlers } from './storage-classes.ts';
import { volumeHandlers } from './volumes.ts';

/** Binds every operation of the contract to the use case behind it. The server and the embedded client call these. */
export const bindHandlers = (context: HandlerContext): Handlers => {
  const handlers = {
    ...coreHandlers(context),
    ...backendHandlers(context),
    ...volumeHandlers(context),
    ...storageClassHandlers(context),
    ...nodeHandlers(context),
    ...publicationHandlers(context),
    ...snapshotHandlers(context),
    ...mirrorHandlers(context),
    ...moveHandlers(context),
    ...loggingHandlers(context),
    ...autogrowHandlers(context),
  };
  return { ...handlers, ...planHandlers(handlers) };
};
