/** Parts of the API that ONTAP has and the simulator does not, by the first part of their paths. */
const PARTS: Readonly<Record<string, string>> = {
  application: 'applications consistency-groups templates',
  cluster:
    'chassis counter firmware licensing/capacity-pools licensing/license-managers mediators metrics metrocluster ntp ' +
    'sensors software web',
  network: 'ethernet fc http-proxy ip/bgp ip/routes ip/subnets ipspaces',
  protocols:
    'active-directory audit cifs fpolicy locks ndmp nfs/connected-client-maps nfs/connected-client-settings ' +
    'nfs/connected-clients nfs/kerberos nfs/tls-interfaces nvme s3 san vscan',
  storage:
    'bridges cluster disks file flexcache luns pools ports qos/workloads shelves snaplock switches tape-devices ' +
    'volume-efficiency-policies volumes/{volume.uuid}/top-metrics',
  support: 'auto-update configuration-backup coredump ems/destinations ems/filters ems/messages snmp',
  svm: 'migrations peer-permissions svms/{svm.uuid}/web',
};

/** These paths, with everything below them that is not simulated, answer 501. */
export const notSimulated: readonly string[] = [
  '/cloud',
  '/name-services',
  '/security',
  ...Object.entries(PARTS).flatMap(([root, parts]) => parts.split(' ').map((part) => `/${root}/${part}`)),
];
