import type { Driver } from '../../src/engine/drivers/driver.ts';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import type { Mirrors } from '../../src/engine/drivers/mirrors.ts';
import type { JsonObject } from '../../src/engine/json.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { PoolRecord, VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/contract.ts';
import { startSimulatorPair, type SimulatorPair } from '../../src/simulator/simulator-pair.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { handleOf, password, signal, testSettings } from './driver-bench.ts';

/** A driver open on one of two clusters. */
export class Side {
  readonly array: Simulator;
  readonly driver: Driver;
  readonly svm: string;
  readonly #pools: readonly PoolRecord[];
  #names = 0;

  private constructor(array: Simulator, driver: Driver, svm: string, pools: readonly PoolRecord[]) {
    this.array = array;
    this.driver = driver;
    this.svm = svm;
    this.#pools = pools;
  }

  static async open(under: DriverUnderTest, array: Simulator, more: JsonObject): Promise<Side> {
    const svm = array.topology.svms[0]?.name ?? '';
    const environment = {
      context: 'csi',
      backendUUID: `11111111-2222-3333-4444-${svm.padEnd(12, '0')}`,
      installationUUID: `99999999-2222-3333-4444-${svm.padEnd(12, '0')}`,
      version: '26.06.0',
      hostName: 'bench',
      now: () => new Date(),
    } as const;
    const kind = under.kind(testSettings);
    const config = under.config(array, { svm, ...more });
    const discovery = await kind.discover(config, environment, signal());
    return new Side(array, kind.open(config, discovery, environment), svm, discovery.pools);
  }

  get mirrors(): Mirrors {
    if (this.driver.mirrors === undefined) throw new Error('the driver cannot mirror');
    return this.driver.mirrors;
  }

  async create(more: Partial<VolumeConfig> = {}): Promise<VolumeHandle> {
    const [pool] = this.#pools;
    if (pool === undefined) throw new Error('there is no pool');
    this.#names++;
    const request = { ...emptyVolumeConfig, name: `pvc-${this.#names}`, size: 2 ** 30, storageClass: 'any', ...more };
    const plan = this.driver.planVolume(request, { attributes: {} }, pool);
    return handleOf(plan.config, await this.driver.createVolume(plan, signal()));
  }

  /** How the other side names a volume of this one. */
  handle({ config }: VolumeHandle): string {
    return `${this.svm}:${config.internalName}`;
  }

  async list(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { body } = await this.array.call('GET', path);
    const records: unknown = typeof body === 'object' && body !== null && 'records' in body ? body.records : [];
    return Array.isArray(records) ? records : [];
  }

  /** What the array tells of a volume. */
  async look({ config }: VolumeHandle): Promise<Readonly<Record<string, unknown>> | undefined> {
    return (
      await this.list(`/storage/volumes?name=${config.internalName}&svm.name=${this.svm}&fields=type,size,nas.path`)
    )[0];
  }

  /** Relationships that the cluster knows of as destination, or as source. */
  relationships(as: 'destination' | 'source' = 'destination') {
    const query = as === 'source' ? '?list_destinations_only=true' : '';
    return this.list(`/snapmirror/relationships${query}`);
  }
}

/** Two peered clusters with a driver on each: volumes of the first are mirrored to the second. */
export class MirrorBench implements AsyncDisposable {
  readonly pair: SimulatorPair;
  readonly source: Side;
  readonly copy: Side;

  private constructor(pair: SimulatorPair, source: Side, copy: Side) {
    this.pair = pair;
    this.source = source;
    this.copy = copy;
  }

  static async open(
    under: DriverUnderTest,
    options: {
      readonly array?: SimulatorOptions;
      readonly config?: JsonObject;
      readonly peers?: readonly { readonly first: string; readonly second: string }[];
    } = {},
  ): Promise<MirrorBench> {
    const array = { credentials: { admin: password, vsadmin: password }, ...options.array };
    const pair = await startSimulatorPair({
      first: array,
      second: array,
      ...(options.peers === undefined ? {} : { peers: options.peers }),
    });
    try {
      const source = await Side.open(under, pair.first, {});
      return new MirrorBench(pair, source, await Side.open(under, pair.second, options.config ?? {}));
    } catch (error) {
      await pair.stop();
      throw error;
    }
  }

  /** A volume on the first cluster and an empty one on the second that is to become its copy. */
  async volumes(): Promise<{ readonly volume: VolumeHandle; readonly copy: VolumeHandle; readonly remote: string }> {
    const volume = await this.source.create();
    const remote = this.source.handle(volume);
    const copy = await this.copy.create({ mirrorDestination: true, requiredPeerVolumeHandle: remote });
    return { volume, copy, remote };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const side of [this.source, this.copy]) {
      await side.driver[Symbol.asyncDispose]();
      side.array.world.verify();
    }
    await this.pair.stop();
  }
}
