import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapClient } from '../client/client.ts';
import { problemOf } from '../client/problems.ts';
import type { OntapSettings } from '../config/settings.ts';
import { readChap } from './chap.ts';
import { listIpLifs, needLifs, nodesOfLifs } from './ip-lifs.ts';
import type { ProtocolProbe } from './probe.ts';

const serviceSchema = v.object({
  enabled: v.optional(v.boolean(), true),
  target: v.optional(v.object({ name: v.optional(v.string(), '') })),
});

/** iSCSI. The name of the target and the CHAP state cost a call each: nodes cannot log in without them. */
export const iscsiProbe = (mirrors: boolean): ProtocolProbe => {
  const probe: ProtocolProbe = {
    name: 'iSCSI',
    service: 'iSCSI',
    flag: 'iscsi',
    block: true,
    mirrors,
    listLifs: (client, svmUuid, signal) => listIpLifs(client, 'data_iscsi', svmUuid, signal),
    async reach(client, settings, svm, signal) {
      const [lifs, targetName, chap] = await Promise.all([
        needLifs(probe, 'a LIF with the service data_iscsi', client, settings, svm, signal),
        targetNameOf(client, settings, svm, signal),
        readChap(client, settings, svm, signal),
      ]);
      return {
        lifs: lifs.map(({ address }) => address),
        lifNodes: nodesOfLifs(lifs),
        dataLIF: settings.dataLIF,
        targetName,
        chap,
      };
    },
  };
  return probe;
};

const targetNameOf = async (
  client: OntapClient,
  settings: OntapSettings,
  svm: { readonly uuid: string; readonly name: string },
  signal: AbortSignal,
): Promise<string> => {
  const query = { 'svm.uuid': svm.uuid, fields: 'target.name,enabled' };
  const answer = await client.list('/protocols/san/iscsi/services', query, serviceSchema, signal);
  const requester = { host: client.host, username: settings.username, svm: settings.svm };
  if (answer.kind !== 'ok') throw problemOf(answer, 'reading the iSCSI target', requester);
  const service = answer.value.find(({ enabled, target }) => enabled && (target?.name ?? '') !== '');
  if (service?.target === undefined)
    throw new Problem('svm.protocol', 'invalid', `SVM ${svm.name} does not serve iSCSI`, {
      hint: 'create and enable the iSCSI service of the SVM (its licence must be installed)',
    });
  return service.target.name;
};
