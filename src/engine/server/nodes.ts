import { addNodeAnswer } from '../../client/wire/node.ts';
import { nodeOf } from './from-wire.ts';
import { callOptions, type HandlerContext, type HandlersFor } from './handler.ts';
import { nodeToWire, publicationToWire } from './to-wire.ts';
import { accessToWire } from './volume-to-wire.ts';

type NodeNames = 'addOrUpdateNode' | 'updateNode' | 'getNode' | 'listNodes' | 'listNodeDetails' | 'deleteNode';

export const nodeHandlers = (context: HandlerContext): HandlersFor<NodeNames> => ({
  addOrUpdateNode: async (call) => {
    const node = await context.orchestrator().nodes.register(nodeOf(call.body()), callOptions(call));
    const { logging } = context;
    return addNodeAnswer.write({
      name: node.name,
      topologyLabels: node.topologyLabels,
      logLevel: logging.level(),
      logWorkflows: logging.workflows(),
      logLayers: logging.layers(),
    });
  },
  updateNode: async (call) => {
    const { orchestratorReady, administratorReady, provisionerReady } = call.body();
    const given = { orchestratorReady, administratorReady, provisionerReady };
    const flags = Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === 'boolean'));
    await context.orchestrator().nodes.updateState(call.params.node, flags);
    return { name: call.params.node };
  },
  getNode: async (call) => ({ node: nodeToWire(await context.orchestrator().nodes.get(call.params.node)) }),
  listNodes: async () => ({
    nodes: (await context.orchestrator().nodes.list()).map((node) => node.name),
    details: '/details/node',
  }),
  listNodeDetails: async () => ({ nodes: (await context.orchestrator().nodes.list()).map(nodeToWire) }),
  deleteNode: async (call) => {
    await context.orchestrator().nodes.remove(call.params.node, callOptions(call));
    return {};
  },
});

type PublicationNames =
  | 'getVolumePublication'
  | 'listVolumePublications'
  | 'listVolumePublicationsForVolume'
  | 'listVolumePublicationsForNode'
  | 'publishVolume'
  | 'unpublishVolume';

export const publicationHandlers = (context: HandlerContext): HandlersFor<PublicationNames> => {
  const list = async (filter: { readonly volume?: string; readonly node?: string }) => ({
    volumePublications: (await context.orchestrator().publications.list(filter)).map(publicationToWire),
  });
  return {
    getVolumePublication: async (call) => ({
      volumePublication: publicationToWire(
        await context.orchestrator().publications.get(call.params.volume, call.params.node),
      ),
    }),
    listVolumePublications: () => list({}),
    listVolumePublicationsForVolume: (call) => list({ volume: call.params.volume }),
    listVolumePublicationsForNode: (call) => list({ node: call.params.node }),
    publishVolume: async (call) => {
      const { volume, node } = call.params;
      const { readOnly = false, accessMode = 0 } = call.body();
      const { publications, volumes } = context.orchestrator();
      const publication = await publications.publish({ volume, node, readOnly, accessMode }, callOptions(call));
      const { accessInformation } = (await volumes.get(volume)).config;
      return {
        volumePublication: publicationToWire(publication),
        accessInformation: accessToWire(accessInformation),
      };
    },
    unpublishVolume: async (call) => {
      await context.orchestrator().publications.unpublish(call.params.volume, call.params.node, callOptions(call));
      return {};
    },
  };
};
