import { storageClassOf } from './from-wire.ts';
import { callOptions, type HandlerContext, type HandlersFor } from './handler.ts';
import { storageClassToWire } from './to-wire.ts';

type Names =
  | 'addStorageClass'
  | 'getStorageClass'
  | 'listStorageClasses'
  | 'listStorageClassDetails'
  | 'deleteStorageClass';

export const storageClassHandlers = (context: HandlerContext): HandlersFor<Names> => ({
  addStorageClass: async (call) => {
    const { storageClasses } = context.orchestrator();
    const added = await storageClasses.add(storageClassOf(call.body()), callOptions(call));
    return { storageClass: added.storageClass.name };
  },
  getStorageClass: async (call) => ({
    storageClass: storageClassToWire(await context.orchestrator().storageClasses.get(call.params.storageClass)),
  }),
  listStorageClasses: async () => ({
    storageClasses: await context.orchestrator().storageClasses.names(),
    details: '/details/storageclass',
  }),
  listStorageClassDetails: async () => ({
    storageClasses: (await context.orchestrator().storageClasses.list()).map(storageClassToWire),
  }),
  deleteStorageClass: async (call) => {
    await context.orchestrator().storageClasses.remove(call.params.storageClass, callOptions(call));
    return {};
  },
});
