import { checkMatch } from './client-match.ts';
import { InputError } from './input.ts';
import { Refusal } from './refusal.ts';
import { isSvmRole } from './roles.ts';
import type { Topology } from './topology.ts';

/** What is wrong with a topology whose parts are right each by itself. */

/** Each address is of one interface. */
const checkAddresses = ({ cluster, nodes, svms }: Topology) => {
  const all: readonly (readonly [path: string, address: string])[] = [
    ['cluster.managementAddress', cluster.managementAddress],
    ...nodes.map((node, index) => [`nodes.${index}.managementAddress`, node.managementAddress] as const),
    ...svms.flatMap((svm, index) =>
      svm.interfaces.map((lif, at) => [`svms.${index}.interfaces.${at}.address`, lif.address] as const),
    ),
  ];
  const known = new Map<string, string>();
  for (const [path, address] of all) {
    const other = known.get(address);
    if (other !== undefined) throw new InputError('topology', path, `${address} is the address of ${other} too`);
    known.set(address, path);
  }
};

const checkClients = ({ svms }: Topology) => {
  for (const [index, svm] of svms.entries())
    for (const [at, client] of svm.defaultExportClients.entries()) {
      try {
        checkMatch(client);
      } catch (cause) {
        if (!(cause instanceof Refusal)) throw cause;
        throw new InputError('topology', `svms.${index}.defaultExportClients.${at}`, cause.message);
      }
    }
};

/** Two SVMs are peers of each other once, whichever is named first. */
const checkPeers = ({ peers }: Topology) => {
  const pairs = peers.map(({ svm, peer }) => [svm, peer].sort().join(' '));
  for (const [index, { svm, peer }] of peers.entries()) {
    if (svm === peer) throw new InputError('topology', `peers.${index}.peer`, 'an SVM is no peer of itself');
    if (pairs.indexOf(pairs[index] ?? '') < index)
      throw new InputError('topology', `peers.${index}`, `"${svm}" and "${peer}" are peers already`);
  }
};

/** Names that a topology refers to and does not have, or has twice; an InputError names the first. */
export const checkTopology = (topology: Topology): void => {
  const known = (names: readonly { readonly name: string }[], name: string, path: string) => {
    if (!names.some((each) => each.name === name)) throw new InputError('topology', path, `there is no "${name}"`);
  };
  const once = (names: readonly { readonly name: string }[], path: string) =>
    names.forEach(({ name }, index) => {
      if (names.findIndex((each) => each.name === name) < index)
        throw new InputError('topology', `${path}.${index}.name`, `there is another "${name}"`);
    });
  once(topology.nodes, 'nodes');
  once(topology.aggregates, 'aggregates');
  once(topology.svms, 'svms');
  once(topology.users, 'users');
  topology.svms.forEach((svm, index) => once(svm.interfaces, `svms.${index}.interfaces`));
  checkAddresses(topology);
  checkClients(topology);
  topology.aggregates.forEach((aggregate, index) => known(topology.nodes, aggregate.node, `aggregates.${index}.node`));
  topology.svms.forEach((svm, index) => {
    svm.aggregates.forEach((name, at) => known(topology.aggregates, name, `svms.${index}.aggregates.${at}`));
    svm.interfaces.forEach((lif, at) => known(topology.nodes, lif.node, `svms.${index}.interfaces.${at}.node`));
  });
  topology.peers.forEach((peer, index) => {
    known(topology.svms, peer.svm, `peers.${index}.svm`);
    known(topology.svms, peer.peer, `peers.${index}.peer`);
  });
  checkPeers(topology);
  topology.users.forEach((user, index) => {
    if (user.svm !== undefined) known(topology.svms, user.svm, `users.${index}.svm`);
    if (isSvmRole(user.role) !== (user.svm !== undefined))
      throw new InputError(
        'topology',
        `users.${index}.role`,
        `"${user.role}" is a role for users ${isSvmRole(user.role) ? 'of an SVM: "svm" is missing' : 'of the cluster: "svm" cannot be given'}`,
      );
  });
  if (!topology.users.some(({ role }) => role === 'admin'))
    throw new InputError('topology', 'users', 'a cluster has at least one user with the role admin');
};
