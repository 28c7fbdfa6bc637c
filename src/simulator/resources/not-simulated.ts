/** Parts of the API that ONTAP has and the simulator does not, by the first part of their paths. */
const PARTS: Readonly<Record<string, string>> = {
  application: 'applications consistency-groups templates',
  cluster:
    'chassis firmware licensing/capacity-pools licensing/license-managers mediators metrics metrocluster ' +
    'nodes/{uuid}/metrics sensors software web',
  network: 'ethernet fc http-proxy ip/bgp ip/interfaces/{uuid}/metrics',
  protocols:
    'active-directory audit cifs file-security fpolicy ndmp nfs/connected-client-maps ' +
    'nfs/connected-client-settings nfs/kerberos nfs/services/{svm.uuid}/metrics nfs/tls nvme s3 san vscan',
  storage:
    'aggregates/{uuid}/metrics aggregates/{uuid}/plexes bridges cluster disks file ' +
    'flexcache luns namespaces pools ports qos/qos-options qos/workloads qtrees/{volume.uuid}/{id}/metrics shelves ' +
    'snaplock switches tape-devices volumes/{volume.uuid}/metrics ' +
    'volumes/{volume.uuid}/top-metrics',
  support: 'auto-update autosupport/check configuration-backup coredump ems',
  svm: 'migrations peer-permissions svms/{svm.uuid}/top-metrics',
};

/** These paths, with everything below them that is not simulated, answer 501. */
export const notSimulated: readonly string[] = [
  '/cloud',
  '/name-services',
  '/resource-tags',
  '/security',
  ...Object.entries(PARTS).flatMap(([root, parts]) => parts.split(' ').map((part) => `/${root}/${part}`)),
];
