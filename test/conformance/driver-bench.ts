import type { ClientSettings } from '../../src/engine/drivers/ontap/client/settings.ts';
import type { Discovery, Driver, DriverEnvironment, DriverKind } from '../../src/engine/drivers/driver.ts';
import type {
  AccessExpectation,
  AccessFinding,
  SnapshotHandle,
  SnapshotOnArray,
  VolumeHandle,
  VolumeOnArray,
  VolumePlan,
} from '../../src/engine/drivers/objects.ts';
import { notesOfProcess } from '../../src/engine/drivers/process-notes.ts';
import type { JsonObject } from '../../src/engine/json.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { AccessInformation, NodeRecord, PoolRecord, VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { Problem } from '../../src/engine/problem.ts';
import { newMemoryState, openMemoryStore } from '../../src/engine/store/memory.ts';
import type { FaultAction, FaultMatch } from '../../src/simulator/core/fault-rules.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/contract.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { nodeRecord } from '../support/lab.ts';

/** The objects that a driver's volumes are on the array, as somebody sees and makes them who does not use the driver. */
export interface ObjectsOnArray {
  /** Below `/api`; a POST there makes one. */
  readonly path: string;
  /** Names of those that are not the array's own. */
  readonly list: (bench: Bench) => Promise<readonly string[]>;
  /** Everything the array tells about one; undefined when it is not there. */
  readonly look: (bench: Bench, name: string) => Promise<unknown>;
  /** Its size in bytes. */
  readonly size: (bench: Bench, name: string) => Promise<number | undefined>;
  /** Makes one with properties that no plan explains. */
  readonly makeForeign: (bench: Bench, name: string, more?: Readonly<Record<string, unknown>>) => Promise<void>;
  /** `volume/snapshot` of all snapshots, where they are not snapshots of volumes. */
  readonly snapshots?: (bench: Bench) => Promise<readonly string[]>;
  /** The array makes one without a job. */
  readonly madeAtOnce?: true;
  /** How an import calls it. */
  readonly importName: (name: string) => string;
  /** Names of things that are not there, some of them patterns in a query. */
  readonly nowhere: readonly string[];
}

/** One driver under test: a line in the table of the conformance suite. */
export interface DriverUnderTest {
  readonly objects: ObjectsOnArray;
  /** What the array says when the name of a new object is taken, and the facts that a foreign one of `size` is told by. */
  readonly taken: {
    /** Absent: the driver finds it before it asks for the object. */
    readonly code?: string;
    readonly size: number;
    readonly facts: (name: string) => readonly string[];
  };
  /** A managed import gives the object the name of the volume. */
  readonly renamesImports: boolean;
  /** Objects tell when they were made, so that an older one is known by that. */
  readonly tellsAge: boolean;
  /** Each object is placed on an aggregate of its own choice. */
  readonly choosesAggregate: boolean;
  /** The array to run on, where it is not the default one. */
  readonly array?: SimulatorOptions;
  /** What publishing tells a node, at least. */
  readonly access?: (access: AccessInformation) => void;
  /** Volumes share something that goes with the last of them, and is there when operations are counted. */
  readonly sharesObjects?: true;
  /** Snapshots are objects by themselves: clones do not hold them, and restoring one leaves the later ones. */
  readonly snapshotsStandAlone?: true;
  /** CSI number of the access mode in which volumes are published. */
  readonly accessMode?: number;
  /** What every volume of the suite is asked to have. */
  readonly request?: Partial<VolumeConfig>;
  readonly name: string;
  readonly kind: (settings: ClientSettings) => DriverKind;
  /** A configuration for the simulator; `password` is the one that must never be seen. */
  readonly config: (array: Simulator, more: JsonObject) => JsonObject;
  /** Array calls per operation, warm and successful. A change here is a change of what users wait for. */
  readonly calls: Readonly<Record<string, number>>;
  /** Operations during which the array starts no job, so that none can fail or stall. */
  readonly withoutJobs: readonly string[];
}

export const password = 'planted-Password-4711';

/** Patience for tests: what waits for seconds in earnest waits for milliseconds here. */
export const testSettings: ClientSettings = {
  connections: 20,
  returnTimeoutSeconds: 0,
  connectTimeoutMs: 2_000,
  requestTimeoutMs: 5_000,
  jobTimeoutMs: 1_000,
  retries: 3,
  firstRetryDelayMs: 5,
  longestRetryDelayMs: 20,
  firstJobDelayMs: 2,
  longestJobDelayMs: 20,
  settleTimeoutMs: 1_000,
  random: () => 0.5,
};

/** How the array looks from outside: what an operation may leave, and what it may not. */
export interface Inventory {
  readonly volumes: readonly string[];
  readonly snapshots: readonly string[];
  readonly policies: readonly string[];
  /** Igroups and NVMe subsystems. */
  readonly groups: readonly string[];
}

/** A driver open on a simulator of its own. */
export class Bench implements AsyncDisposable {
  readonly array: Simulator;
  readonly driver: Driver;
  readonly kind: DriverKind;
  readonly config: JsonObject;
  readonly discovery: Discovery;
  readonly environment: DriverEnvironment;
  readonly trace: string[];
  readonly under: DriverUnderTest;
  #names = 0;

  private constructor(
    parts: Pick<Bench, 'array' | 'driver' | 'kind' | 'config' | 'discovery' | 'environment' | 'trace' | 'under'>,
  ) {
    this.array = parts.array;
    this.driver = parts.driver;
    this.kind = parts.kind;
    this.config = parts.config;
    this.discovery = parts.discovery;
    this.environment = parts.environment;
    this.trace = parts.trace;
    this.under = parts.under;
  }

  static async open(
    under: DriverUnderTest,
    options: {
      readonly config?: JsonObject;
      readonly settings?: Partial<ClientSettings>;
      readonly array?: SimulatorOptions;
      readonly environment?: Partial<DriverEnvironment>;
    } = {},
  ): Promise<Bench> {
    const array = await startSimulator({
      credentials: { admin: password, vsadmin: password },
      ...under.array,
      ...options.array,
    });
    const trace: string[] = [];
    const environment: DriverEnvironment = {
      context: 'csi',
      backendUUID: '11111111-2222-3333-4444-555555555555',
      installationUUID: '99999999-2222-3333-4444-555555555555',
      version: '26.06.0',
      hostName: 'bench',
      trace: (line) => trace.push(line),
      now: () => new Date(),
      // What a case publishes is published to nobody else unless the case says so.
      publishedTo: async () => [],
      notes: notesOfProcess(),
      ...options.environment,
    };
    try {
      const kind = under.kind({ ...testSettings, ...options.settings });
      const config = under.config(array, options.config ?? {});
      const discovery = await kind.discover(config, environment, signal());
      const driver = kind.open(config, discovery, environment);
      return new Bench({ array, driver, kind, config, discovery, environment, trace, under });
    } catch (error) {
      await array.stop();
      throw error;
    }
  }

  get pool(): PoolRecord {
    const [pool] = this.discovery.pools;
    if (pool === undefined) throw new Error('the discovery found no pool');
    return pool;
  }

  freshName(): string {
    this.#names++;
    return `pvc-${this.#names}`;
  }

  plan(more: Partial<VolumeConfig> = {}, pool = this.pool): VolumePlan {
    const base = { ...emptyVolumeConfig, name: this.freshName(), size: 2 ** 30, storageClass: 'any' };
    const request = { ...base, ...this.under.request, ...more };
    return journalled(this.driver.planVolume(request, { attributes: {} }, pool));
  }

  /** A plan as the orchestrator journals it, after the driver has had its look. */
  async prepared(): Promise<VolumePlan> {
    const plan = this.plan();
    return journalled((await this.driver.prepareVolume?.(plan, signal())) ?? plan);
  }

  async create(more: Partial<VolumeConfig> = {}): Promise<VolumeHandle> {
    const plan = this.plan(more);
    return handleOf(plan.config, await this.driver.createVolume(plan, signal()));
  }

  async snapshot(volume: VolumeHandle, name: string): Promise<SnapshotHandle> {
    return snapshotOf(name, await this.driver.createSnapshot(volume, name, signal()));
  }

  clonePlan(source: VolumeHandle, snapshot: SnapshotHandle | undefined, more: Partial<VolumeConfig> = {}) {
    const request: VolumeConfig = {
      ...source.config,
      name: this.freshName(),
      internalName: '',
      exportPolicy: '',
      accessInformation: {},
      cloneSourceVolume: source.config.name,
      cloneSourceVolumeInternal: source.config.internalName,
      cloneSourceSnapshot: snapshot?.name ?? '',
      cloneSourceSnapshotInternal: snapshot?.internalName ?? '',
      ...more,
    };
    return journalled(this.driver.planClone(request, source, snapshot, this.pool));
  }

  /** Lets a fault strike; returns its name. */
  strike(when: FaultMatch, action: FaultAction): string {
    // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
    return this.array.faults.add({ when, then: action });
  }

  /** Requests that an action makes. */
  async count(action: () => Promise<unknown>): Promise<number> {
    const before = this.array.requests.count();
    await action();
    return this.array.requests.count() - before;
  }

  /** Everything but what a fresh array has. */
  async inventory(): Promise<Inventory> {
    const volumes = this.array.world.volumes().filter((volume) => !volume.name.endsWith('_root'));
    const snapshots: string[] = [];
    for (const volume of volumes) {
      const found = await this.list(`/storage/volumes/${volume.uuid}/snapshots`);
      snapshots.push(...found.map((snapshot) => `${volume.name}/${String(snapshot['name'])}`));
    }
    const policies = await this.list('/protocols/nfs/export-policies?svm.name=svm0&fields=name');
    const groups = [
      ...(await this.list('/protocols/san/igroups?fields=name')),
      ...(await this.list('/protocols/nvme/subsystems?fields=name')),
    ];
    return {
      volumes: (await this.under.objects.list(this)).toSorted(),
      snapshots: [...((await this.under.objects.snapshots?.(this)) ?? snapshots)].toSorted(),
      policies: policies
        .map((policy) => String(policy['name']))
        .filter((name) => name !== 'default')
        .toSorted(),
      groups: groups.map(({ name }) => String(name)).toSorted(),
    };
  }

  /** Records of a collection, asked past the network. */
  async list(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { body } = await this.array.call('GET', path);
    const records: unknown = typeof body === 'object' && body !== null && 'records' in body ? body.records : [];
    return Array.isArray(records) ? records : [];
  }

  /** Client matches of the rules of an export policy, rule by rule; undefined when there is no such policy. */
  async rules(policy: string): Promise<readonly string[] | undefined> {
    const found = await this.list(`/protocols/nfs/export-policies?svm.name=svm0&name=${policy}&fields=rules.clients`);
    const [record] = found;
    if (record === undefined) return undefined;
    const rules: unknown = record['rules'] ?? [];
    if (!Array.isArray(rules)) return [];
    return rules.map((rule: { clients: { match: string }[] }) => rule.clients.map(({ match }) => match).join(','));
  }

  /** Changes a volume past the driver, as an administrator does. */
  async modify(volume: string, changes: JsonObject): Promise<void> {
    await this.array.call('PATCH', `/storage/volumes/${this.array.world.findVolume(volume)?.uuid ?? ''}`, changes);
  }

  /** Adds a rule for these clients past the driver. */
  async addRule(policy: string, match: string, more: JsonObject = {}): Promise<void> {
    const body = { clients: [{ match }], ro_rule: ['any'], rw_rule: ['any'], ...more };
    await this.array.call('POST', `${await this.#policyPath(policy)}/rules`, body);
  }

  async removePolicy(policy: string): Promise<void> {
    await this.array.call('DELETE', await this.#policyPath(policy));
  }

  async #policyPath(policy: string): Promise<string> {
    const [found] = await this.list(`/protocols/nfs/export-policies?svm.name=svm0&name=${policy}`);
    return `/protocols/nfs/export-policies/${String(found?.['id'])}`;
  }

  /** Plans what brings access in line, makes all of it in its order, and says what it was. */
  async repair(expected: readonly AccessExpectation[], nodes: readonly NodeRecord[]): Promise<readonly string[]> {
    const findings = await this.driver.planAccess(expected, nodes, signal());
    await applyAll(findings);
    return findings.map(({ text }) => text);
  }

  /** A second open backend of another process on the same array. */
  reopen(config: JsonObject = this.config): Driver {
    return this.kind.open(config, this.discovery, this.environment);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver[Symbol.asyncDispose]();
    this.array.world.verify();
    const leak = this.trace.find((line) => line.includes(password));
    await this.array.stop();
    if (leak !== undefined) throw new Error(`the password stands in the trace: ${leak}`);
  }
}

/** Drivers of several processes that share records, and with them the right to do something alone. */
export const processes = (bench: Bench, count: number): readonly Driver[] => {
  const store = openMemoryStore({ state: newMemoryState() });
  const exclusively: DriverEnvironment['exclusively'] = async (name, action, until) => {
    await using lease = await store.lease({ exclusive: [name], waitMs: 60_000 }, until);
    return await action(() => lease.isWanted());
  };
  return Array.from({ length: count }, () =>
    bench.kind.open(bench.config, bench.discovery, { ...bench.environment, exclusively }),
  );
};

/** Makes all changes of a plan of access: first those that grant, then those that revoke. */
export const applyAll = async (findings: readonly AccessFinding[]): Promise<void> => {
  for (const kind of ['grant', 'revoke'] as const)
    for (const each of findings) if (each.kind === kind) await each.apply(signal());
};

/** What recovery would work with: the value after a journey through the journal. */
export const journalled = <T>(value: T): T => structuredClone(JSON.parse(JSON.stringify(value)));

export const signal = (): AbortSignal => AbortSignal.timeout(30_000);

export const handleOf = (config: VolumeConfig, made: VolumeOnArray): VolumeHandle =>
  journalled({
    config: { ...config, ...made.config, size: made.size, accessInformation: made.accessInformation },
    ref: made.ref,
  });

export const snapshotOf = (name: string, made: SnapshotOnArray): SnapshotHandle =>
  journalled({ name, internalName: made.internalName, ref: made.ref });

/** WWNN of SVM `svm0` where it serves FC; the simulator draws the same each time. */
const firstFcTarget = '20:01:00:50:56:ed:7a:ba';

/** A node that every protocol can be served to: it has addresses, an IQN, an NQN, and a port zoned to the first FC target. */
export const node = (name: string, ...ips: string[]): NodeRecord =>
  nodeRecord(name, {
    ips,
    iqn: `iqn.1994-05.com.redhat:${name}`,
    nqn: `nqn.2014-08.org.nvmexpress:uuid:${name}`,
    hostWWPNMap: { [`10000000c90000${Buffer.from(name.slice(-1)).toString('hex')}`]: [firstFcTarget] },
  });

/** The Problem a promise rejects with. */
export const problemOf = async (promise: Promise<unknown>): Promise<Problem> => {
  try {
    await promise;
  } catch (error) {
    if (Problem.is(error)) {
      const said = JSON.stringify([error.message, error.hint, error.stack, error.array]);
      if (said.includes(password)) throw new Error(`the password stands in an error: ${said}`, { cause: error });
      return error;
    }
    throw error;
  }
  throw new Error('no Problem was thrown');
};
