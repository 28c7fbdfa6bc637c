import type { NodeRecord } from '../src/engine/orchestrator/model.ts';

/** A registered node with one address. */
export const emptyNode = (name: string, ip: string): NodeRecord => ({
  name,
  iqn: '',
  nqn: '',
  hostWWPNMap: {},
  ips: [ip],
  topologyLabels: {},
  hostInfo: {},
  deleted: false,
  publicationState: 'clean',
  logLevel: '',
  logWorkflows: '',
  logLayers: '',
});
