import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Problem, messageOf } from '../../../problem.ts';
import { sameAddress } from '../accesses/addresses.ts';
import type { OntapSettings } from '../config/settings.ts';
import { listIpLifs, needLifs, nodesOfLifs } from './ip-lifs.ts';
import type { ProtocolProbe } from './probe.ts';

const probeOf = (name: 'NFS' | 'SMB', service: string, flag: 'nfs' | 'cifs', lifService: string): ProtocolProbe => {
  const probe: ProtocolProbe = {
    name,
    service,
    flag,
    block: false,
    mirrors: true,
    listLifs: (client, svmUuid, signal) => listIpLifs(client, lifService, svmUuid, signal),
    async reach(client, settings, svm, signal) {
      const lifs = await needLifs(probe, `a LIF with the service ${lifService}`, client, settings, svm, signal);
      const addresses = lifs.map(({ address }) => address);
      const dataLIF = await dataLifOf(settings.dataLIF, svm.name, addresses);
      return { lifs: addresses, lifNodes: nodesOfLifs(lifs), dataLIF, targetName: '', chap: '' };
    },
  };
  return probe;
};

const nfsProbe = probeOf('NFS', 'NFS', 'nfs', 'data_nfs');
const smbProbe = probeOf('SMB', 'CIFS', 'cifs', 'data_cifs');

/** The probe for the file protocol of a backend. */
export const nasProbe = (settings: OntapSettings): ProtocolProbe => (settings.nasType === 'smb' ? smbProbe : nfsProbe);

/** What nodes mount from: as configured, if it leads to LIFs that are up; else the first LIF. */
const dataLifOf = async (configured: string, svm: string, lifs: readonly string[]): Promise<string> => {
  const [first = ''] = lifs;
  if (configured === '') return isIP(first) === 6 ? `[${first}]` : first;
  const host = configured.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  const missing = addresses.filter((address) => !lifs.some((lif) => sameAddress(lif, address)));
  if (missing.length > 0)
    throw new Problem(
      'config.invalid',
      'invalid',
      `dataLIF: ${missing.join(', ')} is no LIF of SVM ${svm} that is up`,
      {
        path: ['dataLIF'],
        hint: `LIFs that are up: ${lifs.join(', ')}`,
      },
    );
  return configured;
};

const resolve = async (host: string): Promise<string[]> => {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new Problem(
      'config.invalid',
      'invalid',
      `dataLIF: the name ${host} cannot be resolved: ${messageOf(cause)}`,
      { path: ['dataLIF'], cause },
    );
  }
};
