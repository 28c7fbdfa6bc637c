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
    [{ nodse: [] }, 'topology: nodse: there is no such key'],
    [{ svms: [{ nam: 'x' }] }, 'topology: svms.0.name: is missing'],
    [{ aggregates: [{ name: 'a', size: 'big' }] }, 'topology: aggregates.0.size: a size is a number of bytes'],
    [{ aggregates: [{ name: 'a', node: 'n9' }] }, 'topology: aggregates.0.node: there is no "n9"'],
    [{ svms: [{ name: 's' }, { name: 's' }] }, 'topology: svms.1.name: there is another "s"'],
    [{ cluster: { version: '9.2' } }, 'topology: cluster.version: a version looks like 9.17.1'],
    [{ cluster: { version: '9.1.1' } }, 'topology: cluster.version: releases before 9.11.1 are not simulated'],
    [{ clusters: [] }, 'topology: clusters: a file with two clusters is for --pair'],
    [{ nodes: [] }, 'topology: nodes: a cluster has at least one node'],
  ])('%j is refused', (file, message) => expect(() => parseLab(file, plain)).toThrow(message));
});
