import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import { ok } from '../client/outcome.ts';
import { problemOf } from '../client/problems.ts';
import { canonicalWwn } from '../wwn.ts';
import type { ProtocolProbe } from './probe.ts';

const interfaceSchema = v.object({
  wwpn: v.string(),
  wwnn: v.optional(v.string(), ''),
  state: v.optional(v.string(), 'up'),
  data_protocol: v.optional(v.string(), 'fcp'),
  location: v.optional(v.object({ node: v.optional(v.object({ name: v.optional(v.string(), '') })) })),
});

/** SCSI over Fibre Channel. The ports of the SVM tell its WWNN too, so that its service need not be asked. */
export const fcpProbe = (mirrors: boolean): ProtocolProbe => {
  const ports = async (...[client, svmUuid, signal]: Parameters<ProtocolProbe['listLifs']>) => {
    const query = { 'svm.uuid': svmUuid, fields: 'wwpn,wwnn,state,data_protocol,location.node.name' };
    const answer = await client.list('/network/fc/interfaces', query, interfaceSchema, signal);
    if (answer.kind !== 'ok') return answer;
    return ok(answer.value.filter((port) => port.state === 'up' && port.data_protocol === 'fcp'));
  };
  return {
    name: 'FC',
    service: 'FCP',
    flag: 'fcp',
    block: true,
    mirrors,
    async listLifs(client, svmUuid, signal) {
      const answer = await ports(client, svmUuid, signal);
      if (answer.kind !== 'ok') return answer;
      return ok(answer.value.map(({ wwpn, location }) => ({ address: wwpn, node: location?.node?.name ?? '' })));
    },
    async reach(client, settings, svm, signal) {
      const answer = await ports(client, svm.uuid, signal);
      const requester = { host: client.host, username: settings.username, svm: settings.svm };
      if (answer.kind !== 'ok') throw problemOf(answer, 'looking for FC interfaces', requester);
      const [first] = answer.value;
      if (first === undefined)
        throw new Problem('svm.no-lif', 'unavailable', `no data LIF of SVM ${svm.name} for FC is up`, {
          hint: 'create an FC interface with the protocol fcp, or bring it up',
        });
      const targetName = canonicalWwn(first.wwnn);
      if (targetName === undefined)
        throw new Problem('array.unreadable', 'unavailable', `FC port ${first.wwpn} of SVM ${svm.name} tells no WWNN`, {
          hint: 'check the FCP service of the SVM',
        });
      return {
        lifs: answer.value.map(({ wwpn }) => wwpn),
        lifNodes: {},
        dataLIF: settings.dataLIF,
        targetName,
        chap: '',
      };
    },
  };
};
