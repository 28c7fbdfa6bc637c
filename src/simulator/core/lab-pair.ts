import * as v from 'valibot';
import { isObject } from './entry.ts';
import { checkInput, InputError } from './input.ts';
import { labFile, text, type Lab } from './lab-file.ts';
import { completeLab, ofPair, type LabChoice } from './lab.ts';
import type { Topology } from './topology.ts';

/** Two clusters, and which of their SVMs are peers of each other from the start. */
export interface PairTopology {
  readonly first: Topology;
  readonly second: Topology;
  readonly peers: readonly { readonly first: string; readonly second: string }[];
}

const pairFile = v.strictObject({
  clusters: v.pipe(v.array(labFile), v.length(2, 'a pair has two clusters')),
  peers: v.exactOptional(v.array(v.strictObject({ first: text, second: text }))),
});

/** What is wrong in one of the clusters is wrong at its place in the file. */
const within = <T>(path: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError('topology', `${path}.${error.path}`, error.reason);
  }
};

const checkPair = ({ first, second, peers }: PairTopology) => {
  if (first.cluster.name === second.cluster.name)
    throw new InputError('topology', 'clusters.1.cluster.name', `both clusters are called "${first.cluster.name}"`);
  peers.forEach((peer, index) => {
    for (const side of ['first', 'second'] as const)
      if (!{ first, second }[side].svms.some(({ name }) => name === peer[side]))
        throw new InputError('topology', `peers.${index}.${side}`, `the ${side} cluster has no SVM "${peer[side]}"`);
  });
};

/** SVMs that are peers when the file does not say which: the first one of each cluster. */
const firstSvms = (first: Topology, second: Topology): PairTopology['peers'] => {
  const [[one], [other]] = [first.svms, second.svms];
  return one === undefined || other === undefined ? [] : [{ first: one.name, second: other.name }];
};

/** The second cluster is the default one of a pair, of the kind and release of the first. */
const besides = ({ cluster: { version, personality } }: Topology): Topology =>
  completeLab({ cluster: { version, personality } }, { version: undefined, personality: undefined }, ofPair.second);

const complete = (clusters: readonly Lab[], choice: LabChoice) => {
  const [one = {}, other] = clusters;
  if (other === undefined) {
    const first = completeLab(one, choice, ofPair.first);
    return { first, second: besides(first) };
  }
  return {
    first: within('clusters.0', () => completeLab(one, choice, ofPair.first)),
    second: within('clusters.1', () => completeLab(other, choice, ofPair.second)),
  };
};

/** The two clusters that a file describes under `clusters`; a file with one describes the first. Throws an InputError. */
export const parseLabPair = (value: unknown, choice: LabChoice): PairTopology => {
  const file: v.InferOutput<typeof pairFile> | { readonly clusters: readonly Lab[]; readonly peers?: undefined } =
    isObject(value) && 'clusters' in value
      ? checkInput(pairFile, value, 'topology')
      : { clusters: [checkInput(labFile, value, 'topology')] };
  const { first, second } = complete(file.clusters, choice);
  const pair = { first, second, peers: file.peers ?? firstSvms(first, second) };
  checkPair(pair);
  return pair;
};
