import { flag, integer, list, map, nullable, object, optional, request, text, type ObjectOf } from './codec.ts';

export const hostSystem = object('models.HostSystem', {
  os: object('models.SystemOS', { distro: text, version: text, release: optional(text) }),
  services: optional(list(text)),
});
const nodePrep = object('models.NodePrep', {
  enabled: flag,
  nfs: optional(text),
  nfsStatusMessage: optional(text),
  iscsi: optional(text),
  iscsiStatusMessage: optional(text),
});

const nodeFields = {
  name: text,
  iqn: optional(text),
  nqn: optional(text),
  hostWWPNMap: optional(map(list(text))),
  ips: optional(list(text)),
  topologyLabels: optional(map(text)),
  nodePrep: optional(nullable(nodePrep)),
  hostInfo: optional(nullable(hostSystem)),
  deleted: nullable(flag),
  publicationState: text,
  logLevel: text,
  logWorkflows: text,
  logLayers: text,
} as const;
export const nodeExternal = object('models.NodeExternal', {
  ...nodeFields,
  deleted: optional(nullable(flag)),
  publicationState: optional(text),
});
export type NodeExternal = ReturnType<typeof nodeExternal.parse>;
export const nodeRequest = request('models.Node', nodeFields);

/** Each flag is true, false or not given. */
export const nodeStateRequest = request('models.NodePublicationStateFlags', {
  orchestratorReady: nullable(flag),
  administratorReady: nullable(flag),
  provisionerReady: nullable(flag),
});

const publicationFields = {
  name: text,
  node: text,
  volume: text,
  readOnly: flag,
  accessMode: integer,
  autogrowPolicy: optional(text),
  autogrowIneligible: optional(flag),
  storageClass: optional(text),
  backendUUID: optional(text),
  pool: optional(text),
  labels: optional(map(text)),
} as const;
export const publicationExternal = object('models.VolumePublicationExternal', publicationFields);
export type PublicationExternal = ObjectOf<typeof publicationFields>;

export const publishRequest = request('PublishRequest', { readOnly: flag, accessMode: integer });
export type NodeRequest = ReturnType<typeof nodeRequest.parse>;

/** What a node is told when it registers: its name, where it is, and what to log. */
export const addNodeAnswer = object('AddNodeResponse', {
  name: text,
  topologyLabels: optional(map(text)),
  logLevel: optional(text),
  logWorkflows: optional(text),
  logLayers: optional(text),
});
