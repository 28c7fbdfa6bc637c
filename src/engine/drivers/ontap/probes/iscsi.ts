import { readChap } from './chap.ts';
import type { LifLook } from './ip-lifs.ts';
import { listIpLifs, needLifs, nodesOfLifs } from './ip-lifs.ts';
import type { ProtocolProbe } from './probe.ts';

/**
 * iSCSI. The CHAP state costs a call: nodes cannot log in without it, and nothing else would tell. The name of the target has a
 * resource of its own too, and is read when the first node needs it (`IscsiTarget`).
 */
export const iscsiProbe = (mirrors: boolean): ProtocolProbe => {
  const probe: ProtocolProbe = {
    name: 'iSCSI',
    service: 'iSCSI',
    flag: 'iscsi',
    block: true,
    mirrors,
    listLifs: (client, svmUuid, signal) => listIpLifs(client, 'data_iscsi', svmUuid, signal),
    async reach(client, settings, svm, signal) {
      const [lifs, chap] = await Promise.all([
        needIscsiLifs(client, settings, svm, signal),
        readChap(client, settings, svm, signal),
      ]);
      return {
        lifs: lifs.map(({ address }) => address),
        lifNodes: nodesOfLifs(lifs),
        dataLIF: settings.dataLIF,
        targetName: '',
        chap,
      };
    },
  };
  return probe;
};

/** The LIFs that are up. @throws Problem `svm.no-lif` when there is none */
export const needIscsiLifs: LifLook = (...look) =>
  needLifs(iscsiProbe(false), 'a LIF with the service data_iscsi', ...look);
