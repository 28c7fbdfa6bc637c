import * as v from 'valibot';
import { Problem } from '../../problem.ts';
import type { OntapClient } from './client/client.ts';
import { ontapCode } from './client/codes.ts';
import type { Answer } from './client/outcome.ts';
import { problemOf } from './client/problems.ts';
import type { OntapSettings } from './config/settings.ts';
import type { AggregateFact, Facts } from './facts.ts';
import { isAtLeast } from './facts.ts';
import { ReplicationSettings } from './mirrors/replication-settings.ts';
import { checkPlacement } from './placement.ts';
import type { ProtocolProbe } from './probes/probe.ts';

const clusterSchema = v.object({
  version: v.object({ generation: v.number(), major: v.number(), minor: v.number() }),
  san_optimized: v.optional(v.boolean(), false),
  disaggregated: v.optional(v.boolean(), false),
});
const protocolSchema = v.optional(v.object({ enabled: v.optional(v.boolean()) }));
const svmSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  state: v.optional(v.string(), 'running'),
  aggregates: v.optional(v.array(v.object({ name: v.string(), type: v.optional(v.string()) })), []),
  nfs: protocolSchema,
  cifs: protocolSchema,
  iscsi: protocolSchema,
  fcp: protocolSchema,
  nvme: protocolSchema,
});
const nodeSchema = v.object({ serial_number: v.optional(v.string(), '') });
type Svm = v.InferOutput<typeof svmSchema>;
type Cluster = v.InferOutput<typeof clusterSchema>;
const aggregateSchema = v.object({
  name: v.string(),
  block_storage: v.optional(
    v.object({
      storage_type: v.optional(v.string(), ''),
      primary: v.optional(v.object({ disk_type: v.optional(v.string(), '') })),
    }),
  ),
});
const mediaOf: Readonly<Record<string, string>> = {
  ssd: 'ssd',
  ssd_cap: 'ssd',
  ssd_zns: 'ssd',
  nvme_ssd: 'ssd',
  hdd: 'hdd',
  sas: 'hdd',
  nl_sas: 'hdd',
  sata: 'hdd',
  fc: 'hdd',
  scsi: 'hdd',
  hybrid: 'hybrid',
};

/** What a look at the array found out. */
export interface Found {
  readonly facts: Facts;
  /** The SVM has a peer, so that volumes can be mirrored. */
  readonly peered: boolean;
  /** What could not be found out and does not prevent use. */
  readonly warnings: readonly string[];
}

/** Looks at the array once, in five calls and what the protocol needs more, as far as possible side by side. */
export class ArrayDiscovery {
  readonly #client: OntapClient;
  readonly #settings: OntapSettings;
  readonly #probe: ProtocolProbe;
  readonly #warnings: string[] = [];

  constructor(client: OntapClient, settings: OntapSettings, probe: ProtocolProbe) {
    this.#client = client;
    this.#settings = settings;
    this.#probe = probe;
  }

  /**
   * @throws Problem that says what the array lacks: version, SVM, protocol, aggregates, LIFs
   */
  async run(signal: AbortSignal): Promise<Found> {
    // The first answer tells about trust and credentials, which would fail every other call in the same way.
    const cluster = await this.#cluster(signal);
    checkPlacement(this.#settings, {
      version: cluster.version,
      disaggregated: cluster.disaggregated,
      sanOptimized: cluster.san_optimized,
    });
    const [svm, serialNumbers] = await Promise.all([this.#svm(cluster, signal), this.#serialNumbers(signal)]);
    this.#checkProtocol(svm);
    const names = svm.aggregates.map(({ name }) => name);
    if (cluster.disaggregated && cluster.san_optimized && !this.#probe.block)
      throw new Problem('backend.platform', 'unsupported', 'this system is an ASA r2, which has no NAS protocols', {
        hint: 'use storageDriverName ontap-san',
      });
    if (!cluster.disaggregated) this.#checkAggregates(svm.name, names);
    else this.#refuseAggregates();
    const mirrors = this.#probe.mirrors && !(cluster.disaggregated && cluster.san_optimized);
    const [aggregates, reached, peered] = await Promise.all([
      cluster.disaggregated ? [] : this.#aggregates(svm, signal),
      this.#probe.reach(this.#client, this.#settings, svm, signal),
      mirrors ? this.#isPeered(svm.uuid, signal) : false,
      mirrors ? new ReplicationSettings(this.#client, this.#settings, svm).checkConfigured(signal) : undefined,
    ]);
    const facts: Facts = {
      svm: { uuid: svm.uuid, name: svm.name },
      version: cluster.version,
      sanOptimized: cluster.san_optimized,
      disaggregated: cluster.disaggregated,
      ...reached,
      aggregates,
      svmAggregates: names.toSorted(),
      serialNumbers,
      foundAt: this.#client.options.now().getTime(),
      clockOffsetMs: this.#client.clockOffsetMs ?? 0,
    };
    return { facts, peered, warnings: this.#warnings };
  }

  async #cluster(signal: AbortSignal): Promise<Cluster> {
    const query = { fields: 'version,san_optimized,disaggregated', ignore_unknown_fields: true };
    let answer = await this.#client.read('/cluster', query, clusterSchema, signal);
    // Releases before the two fields may not know how to ignore them either.
    if (
      answer.kind === 'refused' &&
      [ontapCode.unexpectedArgument, ontapCode.invalidFieldValue].some(
        (code) => answer.kind === 'refused' && answer.refusal.code === code,
      )
    )
      answer = await this.#client.read('/cluster', { fields: 'version' }, clusterSchema, signal);
    const cluster = this.#must(answer, 'reading the ONTAP version');
    if (!isAtLeast(cluster.version, 9, 12, 1)) {
      const { generation, major, minor } = cluster.version;
      throw new Problem(
        'array.too-old',
        'unsupported',
        `ONTAP ${generation}.${major}.${minor} is too old: 9.12.1 or later is needed`,
        {
          hint: 'upgrade ONTAP; older releases were managed by ZAPI, which is not supported',
        },
      );
    }
    return cluster;
  }

  async #svm({ version, disaggregated }: Cluster, signal: AbortSignal): Promise<Svm> {
    const { svm } = this.#settings;
    // Older releases are not sure to know the type, and refuse what they do not know.
    const type = !disaggregated && isAtLeast(version, 9, 13, 1) ? 'aggregates.type,' : '';
    const query = {
      ...(svm === '' ? {} : { name: svm }),
      fields: `name,state,aggregates.name,${type}${this.#probe.flag}.enabled`,
    };
    const answer = await this.#client.list('/svm/svms', query, svmSchema, signal);
    const found = this.#must(answer, svm === '' ? 'looking for the SVM' : `looking for SVM ${svm}`);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    if (svm !== '')
      throw new Problem('svm.not-found', 'invalid', `there is no SVM ${svm} on the array at ${this.#client.host}`, {
        path: ['svm'],
      });
    const names = found.map(({ name }) => name).join(', ');
    throw new Problem(
      'svm.ambiguous',
      'invalid',
      found.length === 0
        ? 'cannot derive SVM: the user sees none'
        : `cannot derive SVM: the user sees ${found.length} of them: ${names}`,
      { path: ['svm'], hint: 'name the SVM in the key svm' },
    );
  }

  #checkProtocol(svm: Svm): void {
    if (svm.state !== 'running')
      throw new Problem('svm.stopped', 'unavailable', `SVM ${svm.name} is not in 'running' state but ${svm.state}`, {
        hint: 'start the SVM',
      });
    const { flag, name, service } = this.#probe;
    if (svm[flag]?.enabled === false)
      throw new Problem('svm.protocol', 'invalid', `SVM ${svm.name} does not serve ${name}`, {
        hint: `create and enable the ${service} service of the SVM (its licence must be installed)`,
      });
  }

  /** @throws Problem for keys that choose aggregates where nobody may */
  #refuseAggregates(): void {
    const { aggregate, flexgroupAggregates } = this.#settings;
    const key = aggregate === '' ? (flexgroupAggregates.length === 0 ? '' : 'flexgroupAggregateList') : 'aggregate';
    if (key !== '')
      throw new Problem(
        'config.invalid',
        'invalid',
        `${key} cannot be set on this system, which places volumes itself`,
        {
          path: [key],
        },
      );
  }

  #checkAggregates(svm: string, names: readonly string[]): void {
    const { aggregate, flexgroupAggregates } = this.#settings;
    if (names.length === 0)
      throw new Problem('svm.no-aggregates', 'invalid', `SVM ${svm} has no assigned aggregates`, {
        hint: 'assign aggregates to the SVM: vserver modify -vserver SVM -aggr-list LIST',
      });
    const missing = (aggregate === '' ? flexgroupAggregates : [aggregate]).filter((name) => !names.includes(name));
    if (missing.length > 0)
      throw new Problem(
        'config.invalid',
        'invalid',
        `the assigned aggregates for SVM ${svm} do not include the configured aggregate ${missing.join(', ')}`,
        {
          path: [aggregate === '' ? 'flexgroupAggregateList' : 'aggregate'],
          hint: `assigned are: ${names.join(', ')}`,
        },
      );
  }

  async #aggregates(svm: Svm, signal: AbortSignal): Promise<AggregateFact[]> {
    const { aggregate, flexgroupAggregates } = this.#settings;
    const chosen = aggregate === '' ? flexgroupAggregates : [aggregate];
    const usable = chosen.length === 0 ? svm.aggregates.map(({ name }) => name) : chosen;
    const types = new Map(svm.aggregates.map(({ name, type }) => [name, type]));
    const isTold = usable.every((name) => types.get(name) !== undefined);
    const media = isTold
      ? new Map([...types].map(([name, type]) => [name, mediaOf[type ?? '']]))
      : await this.#mediaOf(usable, signal);
    return usable.toSorted().map((name) => ({ name, media: media.get(name) ?? '' }));
  }

  /** For an SVM that does not tell the types of its aggregates. Needs a right that users of one SVM mostly lack. */
  async #mediaOf(names: readonly string[], signal: AbortSignal): Promise<Map<string, string | undefined>> {
    const query = { name: names.join('|'), fields: 'block_storage.storage_type,block_storage.primary.disk_type' };
    const answer = await this.#client.list('/storage/aggregates', query, aggregateSchema, signal);
    if (answer.kind === 'ok')
      return new Map(
        answer.value.map(({ name, block_storage: storage }) => [
          name,
          mediaOf[storage?.storage_type ?? ''] ?? mediaOf[storage?.primary?.disk_type ?? ''],
        ]),
      );
    this.#warn(answer, 'reading the media of the aggregates, which storage classes cannot ask for now');
    return new Map();
  }

  /** Whether the SVM has a peer, so that volumes could be mirrored. */
  async #isPeered(svmUuid: string, signal: AbortSignal): Promise<boolean> {
    const query = { 'svm.uuid': svmUuid, fields: 'peer.svm.name', max_records: 1 };
    const answer = await this.#client.read(
      '/svm/peers',
      query,
      v.object({ records: v.optional(v.array(v.unknown()), []) }),
      signal,
    );
    if (answer.kind === 'ok') return answer.value.records.length > 0;
    this.#warn(answer, 'reading the SVM peers, so that volumes are not offered for mirroring');
    return false;
  }

  async #serialNumbers(signal: AbortSignal): Promise<string[]> {
    const answer = await this.#client.list('/cluster/nodes', { fields: 'serial_number' }, nodeSchema, signal);
    if (answer.kind === 'ok') return answer.value.map((node) => node.serial_number).filter((serial) => serial !== '');
    // Users of one SVM have no right to this; they are only shown, and nothing depends on them.
    return [];
  }

  #must<T>(answer: Answer<T>, what: string): T {
    if (answer.kind === 'ok') return answer.value;
    throw problemOf(answer, what, {
      host: this.#client.host,
      username: this.#settings.username,
      svm: this.#settings.svm,
    });
  }

  #warn(answer: Exclude<Answer<unknown>, { kind: 'ok' }>, what: string): void {
    const requester = { host: this.#client.host, username: this.#settings.username, svm: this.#settings.svm };
    this.#warnings.push(problemOf(answer, what, requester).message);
  }
}
