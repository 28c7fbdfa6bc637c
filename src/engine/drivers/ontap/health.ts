import * as v from 'valibot';
import { Problem } from '../../problem.ts';
import type { OntapBackend } from './backend.ts';
import type { ProtocolProbe } from './probes/probe.ts';

const protocolSchema = v.optional(v.object({ enabled: v.optional(v.boolean()) }));
const svmSchema = v.object({
  state: v.optional(v.string(), 'running'),
  nfs: protocolSchema,
  cifs: protocolSchema,
  iscsi: protocolSchema,
  fcp: protocolSchema,
  nvme: protocolSchema,
  aggregates: v.optional(v.array(v.object({ name: v.string() })), []),
});

export interface Health {
  /** Why the backend is offline; empty when it is not. */
  readonly reason: string;
  /** Aggregates of the SVM, its LIFs that are up, or the release of the array are no longer those of the last discovery. */
  readonly changed: boolean;
}

const offline = (reason: string): Health => ({ reason, changed: false });

/**
 * One look at the SVM and one at its LIFs, and once an hour one at the release, which changes seldom (ontap-drivers.md 4.9;
 * texts are stock's, which does not look at the protocol).
 */
export const lookAtHealth = async (
  backend: OntapBackend,
  probe: ProtocolProbe,
  signal: AbortSignal,
): Promise<Health> => {
  const { facts, client, settings } = backend;
  try {
    const svm = await client.read(
      `/svm/svms/${facts.svm.uuid}`,
      { fields: `state,aggregates.name,${probe.flag}.enabled` },
      svmSchema,
      signal,
    );
    if (svm.kind !== 'ok')
      return offline(`SVM is not reachable: ${backend.problem(svm, `reading SVM ${facts.svm.name}`).message}`);
    if (svm.value.state !== 'running') return offline("SVM is not in 'running' state");
    if (svm.value[probe.flag]?.enabled === false) return offline(`SVM ${facts.svm.name} does not serve ${probe.name}.`);
    const names = svm.value.aggregates.map(({ name }) => name).toSorted();
    if (!facts.disaggregated && names.length === 0) return offline('SVM does not contain any aggregates.');
    const chosen = settings.aggregate === '' ? settings.flexgroupAggregates : [settings.aggregate];
    const missing = chosen.filter((name) => !names.includes(name));
    if (missing.length > 0)
      return offline(
        `The assigned aggregates for SVM ${facts.svm.name} do not include the configured aggregate ${missing.join(', ')}.`,
      );
    const lifs = await probe.listLifs(client, facts.svm.uuid, signal);
    if (lifs.kind === 'ok') backend.lifs.learn(lifs.value);
    const up = lifs.kind === 'ok' ? lifs.value.map(({ address }) => address) : [];
    if (up.length === 0) return offline("No data LIFs present or all of them are 'down'");
    const differ = (a: readonly string[], b: readonly string[]) =>
      JSON.stringify(a.toSorted()) !== JSON.stringify(b.toSorted());
    const changed = (!facts.disaggregated && differ(names, facts.svmAggregates)) || differ(up, facts.lifs);
    return { reason: '', changed: changed || (await isReleaseNew(backend, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    if (Problem.is(error)) return offline(`SVM is not reachable: ${error.message}`);
    throw error;
  }
};

const clusterSchema = v.object({
  version: v.object({ generation: v.number(), major: v.number(), minor: v.number() }),
});

/** What an array can do depends on its release, and an upgrade need not show on anything else. */
const isReleaseNew = async ({ client, facts, releaseLook }: OntapBackend, signal: AbortSignal): Promise<boolean> => {
  if (!releaseLook.isDue()) return false;
  const answer = await client.read('/cluster', { fields: 'version' }, clusterSchema, signal);
  if (answer.kind !== 'ok') return false;
  const { generation, major, minor } = answer.value.version;
  const { version } = facts;
  return generation !== version.generation || major !== version.major || minor !== version.minor;
};
