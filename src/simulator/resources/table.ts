import type { Action, Resource } from '../core/declaration.ts';
import { account } from './account.ts';
import { aggregate } from './aggregate.ts';
import { applicationContainer } from './application-container.ts';
import { availabilityZone } from './availability-zone.ts';
import { autosupport, autosupportMessage } from './autosupport.ts';
import { clientSessions } from './client-sessions.ts';
import { cifsAcl } from './cifs-acl.ts';
import { cifsService } from './cifs-service.ts';
import { cifsShare } from './cifs-share.ts';
import { file } from './file.ts';
import { cliViews, cliVolume, cliVserver } from './cli-tables.ts';
import { cluster } from './cluster.ts';
import { consistencyGroup } from './consistency-group.ts';
import { consistencyGroupSnapshot } from './consistency-group-snapshot.ts';
import { emsEvent, emsLog } from './ems.ts';
import { counterRow, counterTable } from './counter-table.ts';
import { emsDestination } from './ems-destination.ts';
import { emsFilter, emsFilterRule } from './ems-filter.ts';
import { emsSettings } from './ems-settings.ts';
import { exportClient } from './export-client.ts';
import { exportPolicy } from './export-policy.ts';
import { exportRule } from './export-rule.ts';
import { dns } from './dns.ts';
import { ldap } from './ldap.ts';
import { localHost } from './local-host.ts';
import { nameMapping } from './name-mapping.ts';
import { efficiencyPolicy } from './efficiency-policy.ts';
import { loginMessages } from './login-messages.ts';
import { ndmp } from './ndmp.ts';
import { nis } from './nis.ts';
import { unixGroup, unixGroupUser } from './unix-group.ts';
import { unixUser } from './unix-user.ts';
import { broadcastDomain, removeDomainPorts } from './broadcast-domain.ts';
import { ethernetPort } from './ethernet-port.ts';
import { ipRoute } from './ip-route.ts';
import { ipSubnet } from './ip-subnet.ts';
import { ipspace } from './ipspace.ts';
import { ipInterface } from './ip-interface.ts';
import { job } from './job.ts';
import { licence } from './licence.ts';
import { namespace } from './namespace.ts';
import { nfsService } from './nfs-service.ts';
import { nvmeHost } from './nvme-host.ts';
import { nvmeInterface } from './nvme-interface.ts';
import { nvmeMap } from './nvme-map.ts';
import { nvmeService } from './nvme-service.ts';
import { nvmeSubsystem } from './nvme-subsystem.ts';
import { node } from './node.ts';
import { ontapMode, ontapPersonality } from './personality.ts';
import { qosPolicy } from './qos-policy.ts';
import { qtree } from './qtree.ts';
import { quotaReport } from './quota-report.ts';
import { quotaRule } from './quota-rule.ts';
import { portset, portsetInterface } from './portset.ts';
import { purgeRecoveryQueue, recoveryQueue } from './recovery-queue.ts';
import { role, rolePrivilege } from './role.ts';
import { schedule } from './schedule.ts';
import { clusterPeer } from './cluster-peer.ts';
import { servicePolicy } from './service-policy.ts';
import { snapmirrorPolicy } from './snapmirror-policy.ts';
import { snapmirrorRelationship } from './snapmirror-relationship.ts';
import { snapmirrorTransfer } from './snapmirror-transfer.ts';
import { snapshotPolicy, snapshotPolicySchedule } from './snapshot-policy.ts';
import { snapshot } from './snapshot.ts';
import { storageUnit } from './storage-unit.ts';
import { storageUnitSnapshot } from './storage-unit-snapshot.ts';
import { svmPeer } from './svm-peer.ts';
import { cloudStore } from './cloud-store.ts';
import { ntpKey, ntpServer } from './ntp.ts';
import { securityCertificate } from './security-certificate.ts';
import { snmp, snmpTraphost, snmpUser } from './snmp.ts';
import { software } from './software.ts';
import { svmWeb } from './svm-web.ts';
import { svm } from './svm.ts';
import { fcInterface } from './fc-interface.ts';
import { fcpService } from './fcp-service.ts';
import { igroupChild } from './igroup-child.ts';
import { igroupInitiator } from './igroup-initiator.ts';
import { igroup } from './igroup.ts';
import { iscsiCredential } from './iscsi-credential.ts';
import { iscsiService } from './iscsi-service.ts';
import { lunAttribute } from './lun-attribute.ts';
import { lunMap } from './lun-map.ts';
import { lun } from './lun.ts';
import { reportingNode } from './reporting-node.ts';
import { volume } from './volume.ts';

/** Every resource, in the order in which they are seeded: a row may refer to the rows above it. */
export const resources: readonly Resource[] = [
  cluster,
  node,
  ntpKey,
  ntpServer,
  software,
  snmp,
  ipspace,
  broadcastDomain,
  ethernetPort,
  job,
  schedule,
  snapshotPolicy,
  snapshotPolicySchedule,
  snapmirrorPolicy,
  qosPolicy,
  licence,
  aggregate,
  cloudStore,
  exportPolicy,
  exportRule,
  exportClient,
  recoveryQueue,
  volume,
  snapshot,
  svm,
  qtree,
  quotaRule,
  quotaReport,
  clusterPeer,
  svmPeer,
  role,
  rolePrivilege,
  account,
  securityCertificate,
  svmWeb,
  snmpUser,
  snmpTraphost,
  dns,
  ldap,
  nis,
  unixUser,
  unixGroup,
  unixGroupUser,
  localHost,
  nameMapping,
  ndmp,
  loginMessages,
  efficiencyPolicy,
  servicePolicy,
  ipInterface,
  ipRoute,
  ipSubnet,
  nfsService,
  lun,
  lunAttribute,
  portset,
  portsetInterface,
  igroup,
  igroupInitiator,
  igroupChild,
  lunMap,
  reportingNode,
  iscsiCredential,
  iscsiService,
  fcpService,
  fcInterface,
  namespace,
  nvmeService,
  nvmeSubsystem,
  nvmeHost,
  nvmeMap,
  nvmeInterface,
  storageUnit,
  storageUnitSnapshot,
  availabilityZone,
  consistencyGroup,
  consistencyGroupSnapshot,
  applicationContainer,
  emsLog,
  emsEvent,
  emsSettings,
  emsFilter,
  emsFilterRule,
  emsDestination,
  ontapPersonality,
  ontapMode,
  cliVolume,
  cliVserver,
  ...cliViews,
  snapmirrorRelationship,
  snapmirrorTransfer,
  cifsService,
  cifsShare,
  cifsAcl,
  file,
  autosupport,
  autosupportMessage,
  counterTable,
  counterRow,
  ...clientSessions,
];

export const actions: readonly Action[] = [purgeRecoveryQueue, removeDomainPorts];
