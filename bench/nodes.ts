import type { NodeRecord } from '../src/engine/orchestrator/model.ts';

/** WWNN of SVM `svm0` where it serves FC; the simulator draws the same each time. */
const firstFcTarget = '20:01:00:50:56:ed:7a:ba';

/** Last number of an IPv4 address, in two digits. */
const hexOf = (ip: string): string => Number(ip.split('.').at(-1)).toString(16).padStart(2, '0');

/** A registered node with one address, that every protocol can be served to. */
export const benchNode = (name: string, ip: string): NodeRecord => ({
  name,
  iqn: `iqn.1994-05.com.redhat:${name}`,
  nqn: `nqn.2014-08.org.nvmexpress:uuid:${name}`,
  hostWWPNMap: { [`10000000c90000${hexOf(ip)}`]: [firstFcTarget] },
  ips: [ip],
  topologyLabels: {},
  hostInfo: {},
  deleted: false,
  publicationState: 'clean',
  logLevel: '',
  logWorkflows: '',
  logLayers: '',
});
