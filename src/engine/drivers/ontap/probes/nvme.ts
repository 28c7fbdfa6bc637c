import type { LifLook } from './ip-lifs.ts';
import { listIpLifs, needLifs, nodesOfLifs } from './ip-lifs.ts';
import type { ProtocolProbe } from './probe.ts';

/**
 * NVMe over TCP. Nodes find the target by the name of the subsystem, which publishing tells, so that the LIFs are all there is
 * to find out. The protocol itself is there since ONTAP 9.10.1, which is older than the oldest release that is managed.
 */
export const nvmeProbe = (mirrors: boolean): ProtocolProbe => {
  const probe: ProtocolProbe = {
    name: 'NVMe/TCP',
    service: 'NVMe',
    flag: 'nvme',
    block: true,
    mirrors,
    listLifs: (client, svmUuid, signal) => listIpLifs(client, 'data_nvme_tcp', svmUuid, signal),
    async reach(client, settings, svm, signal) {
      const lifs = await needNvmeLifs(client, settings, svm, signal);
      const lifNodes = nodesOfLifs(lifs);
      return {
        lifs: lifs.map(({ address }) => address),
        lifNodes,
        dataLIF: settings.dataLIF,
        targetName: '',
        chap: '',
      };
    },
  };
  return probe;
};

/** The LIFs that are up. @throws Problem `svm.no-lif` when there is none */
export const needNvmeLifs: LifLook = (...look) =>
  needLifs(nvmeProbe(false), 'a LIF with the service data_nvme_tcp', ...look);
