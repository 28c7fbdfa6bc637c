import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapClient } from '../client/client.ts';
import type { Answer } from '../client/outcome.ts';
import { ok } from '../client/outcome.ts';
import { problemOf } from '../client/problems.ts';
import type { OntapSettings } from '../config/settings.ts';
import type { Lif, ProtocolProbe } from './probe.ts';

const interfaceSchema = v.object({
  ip: v.object({ address: v.string() }),
  state: v.optional(v.string(), 'up'),
  location: v.optional(v.object({ node: v.optional(v.object({ name: v.optional(v.string(), '') })) })),
});

/** The IP LIFs of an SVM that serve `service` (`data_nfs`) and are up. */
export const listIpLifs = async (
  client: OntapClient,
  service: string,
  svmUuid: string,
  signal: AbortSignal,
): Promise<Answer<readonly Lif[]>> => {
  const query = { services: service, 'svm.uuid': svmUuid, fields: 'ip.address,state,location.node.name' };
  const answer = await client.list('/network/ip/interfaces', query, interfaceSchema, signal);
  if (answer.kind !== 'ok') return answer;
  const up = answer.value.filter(({ state }) => state === 'up');
  return ok(up.map(({ ip, location }) => ({ address: ip.address, node: location?.node?.name ?? '' })));
};

/** Looks which LIFs of a protocol are up. */
export type LifLook = (
  client: OntapClient,
  settings: OntapSettings,
  svm: { readonly uuid: string; readonly name: string },
  signal: AbortSignal,
) => Promise<readonly Lif[]>;

/**
 * The LIFs that are up.
 * @param kind what to create when there is none: `a LIF with the service data_nfs`
 * @throws Problem `svm.no-lif` when there is none
 */
export const needLifs = async (
  probe: ProtocolProbe,
  kind: string,
  ...[client, settings, svm, signal]: Parameters<LifLook>
): Promise<readonly Lif[]> => {
  const answer = await probe.listLifs(client, svm.uuid, signal);
  const requester = { host: client.host, username: settings.username, svm: settings.svm };
  if (answer.kind !== 'ok') throw problemOf(answer, 'looking for data LIFs', requester);
  if (answer.value.length === 0)
    throw new Problem('svm.no-lif', 'unavailable', `no data LIF of SVM ${svm.name} for ${probe.name} is up`, {
      hint: `create ${kind}, or bring it up`,
    });
  return answer.value;
};

/** Which array node each address is on; those of unknown place are left out. */
export const nodesOfLifs = (lifs: readonly Lif[]): Record<string, string> =>
  Object.fromEntries(lifs.flatMap(({ address, node }) => (node === '' ? [] : [[address, node]])));
