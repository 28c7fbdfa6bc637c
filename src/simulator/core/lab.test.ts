import { describe, expect, it } from 'vitest';
import { parseLab } from './lab.ts';
import { defaultTopology } from './topology.ts';

const plain = { personality: undefined, version: undefined };

describe('a lab file', () => {
  it('that says nothing is the default cluster', () => expect(parseLab({}, plain)).toEqual(defaultTopology));

  it('says only what matters', () => {
    const topology = parseLab(
      {
        cluster: { name: 'lab' },
        nodes: [{ name: 'n1' }, { name: 'n2' }, { name: 'n3' }],
        aggregates: [
          { name: 'fast', size: '2TiB' },
          { name: 'slow', node: 'n3', size: '500GiB', storageType: 'hdd' },
        ],
        svms: [
          { name: 'red', protocols: ['nfs'] },
          { name: 'blue', aggregates: ['slow'] },
        ],
        peers: [{ svm: 'red', peer: 'blue' }],
        users: [
          { name: 'admin', password: 'secret' },
          { name: 'operator', svm: 'blue', token: 'abc' },
        ],
      },
      { personality: undefined, version: '9.16.1' },
    );
    expect(topology.cluster).toMatchObject({ name: 'lab', version: '9.16.1', personality: 'unified' });
    expect(topology.aggregates).toEqual([
      { name: 'fast', node: 'n1', sizeBytes: 2 * 1024 ** 4, storageType: 'ssd' },
      { name: 'slow', node: 'n3', sizeBytes: 500 * 1024 ** 3, storageType: 'hdd' },
    ]);
    expect(topology.svms.map(({ aggregates, interfaces }) => [aggregates, interfaces.length])).toEqual([
      [['fast', 'slow'], 9],
      [['slow'], 9],
    ]);
    const addresses = topology.svms.flatMap(({ interfaces }) => interfaces.map(({ address }) => address));
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(topology.users.map(({ role }) => role)).toEqual(['admin', 'vsadmin']);
    expect(topology.users[1]).toMatchObject({ svm: 'blue', token: 'abc' });
    expect(topology.peers).toEqual([{ svm: 'red', peer: 'blue', applications: ['snapmirror'] }]);
  });

  it.each([
    [[], 'topology: an object is needed, not a list'],
    [{ cluster: [] }, 'topology: cluster: an object is needed, not a list'],
    [{ nodse: [] }, 'topology: nodse: there is no such key'],
    [{ svms: [{ nam: 'x' }] }, 'topology: svms.0.name: is missing'],
    [{ aggregates: [{ name: 'a', size: 'big' }] }, 'topology: aggregates.0.size: a size is a number of bytes'],
    [{ aggregates: [{ name: 'a', node: 'n9' }] }, 'topology: aggregates.0.node: there is no "n9"'],
    [{ svms: [{ name: 's' }, { name: 's' }] }, 'topology: svms.1.name: there is another "s"'],
    [{ cluster: { version: '9.2' } }, 'topology: cluster.version: a version looks like 9.17.1'],
    [{ cluster: { version: '9.1.1' } }, 'topology: cluster.version: releases before 9.11.1 are not simulated'],
    [{ clusters: [] }, 'topology: clusters: a file with two clusters is for --pair'],
    [{ aggregates: [] }, 'topology: aggregates: a cluster has at least one aggregate'],
    [{ svms: [{ name: 'a b' }] }, 'topology: svms.0.name: the name of an SVM has letters'],
    [
      { svms: [{ name: 's', protocols: ['smb'] }] },
      'protocols.0: one of nfs, cifs, iscsi, fcp, nvme is needed, not "smb"',
    ],
    [{ licences: ['nfs', 'foo'] }, 'topology: licences.1: one of base, cifs,'],
    [{ cluster: { version: 9.16 } }, 'topology: cluster.version: a version looks like 9.17.1'],
    [{ svms: 3 }, 'topology: svms: Array is needed, not 3'],
    [
      { svms: [{ name: 's', interfaces: [{ name: 'a', address: '192.0.2.9', services: ['smtp'] }] }] },
      'topology: svms.0.interfaces.0.services.0: one of cluster_core,',
    ],
    [
      { cluster: { managementAddress: '192.0.2.3' } },
      'topology: nodes.1.managementAddress: 192.0.2.3 is the address of cluster.managementAddress too',
    ],
    [{ nodes: [] }, 'topology: nodes: a cluster has at least one node'],
    [{ cluster: { name: '' } }, 'topology: cluster.name: must not be empty'],
    [{ cluster: { managementAddress: '300.1.1.1' } }, 'topology: cluster.managementAddress: must be an IP address'],
    [
      { svms: [{ name: 's', interfaces: [{ name: 'a', address: 'nas1', services: ['data_nfs'] }] }] },
      'topology: svms.0.interfaces.0.address: must be an IP address',
    ],
    [
      { svms: [{ name: 's', defaultExportClients: ['10.0.0.0/8', 'no host'] }] },
      'topology: svms.0.defaultExportClients.1: The client match "no host" is not valid',
    ],
    [{ peers: [{ svm: 'svm0', peer: 'svm0' }] }, 'topology: peers.0.peer: an SVM is no peer of itself'],
    [
      {
        peers: [
          { svm: 'svm0', peer: 'svm_dr' },
          { svm: 'svm_dr', peer: 'svm0' },
        ],
      },
      'topology: peers.1: "svm_dr" and "svm0" are peers already',
    ],
    [{ users: [{ name: 'r', role: 'readonly' }] }, 'topology: users: a cluster has at least one user with the role'],
  ])('%j is refused', (file, message) => expect(() => parseLab(file, plain)).toThrow(message));
});
