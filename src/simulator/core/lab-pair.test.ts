import { describe, expect, it } from 'vitest';
import { parseLabPair, type PairTopology } from './lab-pair.ts';

const plain = { personality: undefined, version: undefined };

const addressesOf = ({ first, second }: PairTopology) =>
  [first, second].flatMap(({ cluster, nodes, svms }) => [
    cluster.managementAddress,
    ...nodes.map(({ managementAddress }) => managementAddress),
    ...svms.flatMap(({ interfaces }) => interfaces.map(({ address }) => address)),
  ]);

const expectApart = (pair: PairTopology) => {
  const addresses = addressesOf(pair);
  expect(new Set(addresses).size).toBe(addresses.length);
  const serials = [...pair.first.nodes, ...pair.second.nodes].map(({ serialNumber }) => serialNumber);
  expect(new Set(serials).size).toBe(serials.length);
};

describe('a pair', () => {
  it('of which nothing is said has two clusters with one SVM each', () => {
    const pair = parseLabPair({}, plain);
    expect([pair.first.cluster.name, pair.second.cluster.name]).toEqual(['sim-cluster', 'sim-cluster-dr']);
    expect(pair.second.nodes.map(({ name }) => name)).toEqual(['sim-cluster-dr-01', 'sim-cluster-dr-02']);
    expect(pair.peers).toEqual([{ first: 'svm0', second: 'svm1' }]);
    expectApart(pair);
  });

  it('is of the kind and release of the first where a file describes only that one', () => {
    const { first, second, peers } = parseLabPair({ svms: [{ name: 'red' }] }, { ...plain, version: '9.16.1' });
    expect([first.svms.map(({ name }) => name), second.svms.map(({ name }) => name)]).toEqual([['red'], ['svm1']]);
    expect([first.cluster.version, second.cluster.version]).toEqual(['9.16.1', '9.16.1']);
    expect(peers).toEqual([{ first: 'red', second: 'svm1' }]);
  });

  it('is what a file says of both', () => {
    const pair = parseLabPair(
      {
        clusters: [
          { cluster: { name: 'north', version: '9.18.1' }, svms: [{ name: 'red' }, { name: 'blue' }] },
          { cluster: { name: 'south' }, aggregates: [{ name: 'fast' }], svms: [{ name: 'red' }, { name: 'blue' }] },
        ],
        peers: [{ first: 'blue', second: 'red' }],
      },
      plain,
    );
    expect([pair.first.cluster.version, pair.second.cluster.version]).toEqual(['9.18.1', '9.17.1']);
    expect(pair.second.aggregates).toMatchObject([{ name: 'fast', node: 'south-01' }]);
    expect(pair.peers).toEqual([{ first: 'blue', second: 'red' }]);
    expectApart(pair);
  });

  it.each([
    [{ clusters: [{}] }, 'topology: clusters: a pair has two clusters'],
    [{ clusters: [{}, { svms: [{ nam: 'x' }] }] }, 'topology: clusters.1.svms.0.name: is missing'],
    [
      { clusters: [{ aggregates: [{ name: 'a', node: 'n9' }] }, {}] },
      'topology: clusters.0.aggregates.0.node: there is no "n9"',
    ],
    [
      { clusters: [{}, { cluster: { version: '9.1.1' } }] },
      'topology: clusters.1.cluster.version: releases before 9.11.1',
    ],
    [
      { clusters: [{ cluster: { name: 'a' } }, { cluster: { name: 'a' } }] },
      'topology: clusters.1.cluster.name: both clusters are called "a"',
    ],
    [{ clusters: [{}, {}], peer: [] }, 'topology: peer: there is no such key'],
    [
      { clusters: [{}, {}], peers: [{ first: 'svm0', second: 'svm7' }] },
      'topology: peers.0.second: the second cluster has no SVM "svm7"',
    ],
  ])('%j is refused', (file, message) => expect(() => parseLabPair(file, plain)).toThrow(message));
});
