import { Clock, type ClockState } from './core/clock.ts';
import { InputError, parseTopology } from './core/input.ts';
import { completeQtrees } from './resources/qtree.ts';
import { checkTopology } from './core/topology-check.ts';
import { Jobs, type JobModel } from './core/jobs.ts';
import type { Resource } from './core/declaration.ts';
import type { Pace } from './core/pace.ts';
import { Random } from './core/random.ts';
import { Router } from './core/router.ts';
import { isOffered } from './core/schema.ts';
import { readState, saveState, type SavedState } from './core/state.ts';
import type { Topology } from './core/topology.ts';
import { World } from './core/world.ts';
import { notSimulated } from './resources/not-simulated.ts';
import { actions, resources } from './resources/table.ts';
import { checkTables } from './record-invariants.ts';
import { verifyWorld } from './verify.ts';

/** What is there of a kind from the beginning. */
const plant = (resource: Resource, world: World) => {
  for (const entry of resource.seed?.(world.topology, world) ?? []) world.store.put(resource.kind, entry);
};

const fill = (world: World, { tables, hidden }: SavedState) => {
  for (const [kind, entries] of Object.entries(tables)) for (const entry of entries) world.store.put(kind, entry);
  // A state that an older simulator left does not know of some kinds.
  for (const resource of resources) if (tables[resource.kind] === undefined) plant(resource, world);
  for (const [key, until] of hidden) world.hidden.set(key, until);
};

/** A world with its clock and its routes; a restored state replaces the world. */
export class Simulation {
  readonly #jobs: JobModel;
  readonly #pace: Pace;
  readonly #strict: boolean;
  readonly #neighbours: Simulation[] = [];
  #seed: number;
  #world: World;
  #router: Router;

  constructor(options: {
    readonly topology: Topology;
    readonly seed: number;
    readonly clock: ClockState;
    readonly jobs: JobModel;
    readonly pace: Pace;
    readonly strict: boolean;
  }) {
    checkTopology(options.topology);
    this.#jobs = options.jobs;
    this.#pace = options.pace;
    this.#strict = options.strict;
    this.#seed = options.seed;
    this.#world = this.#newWorld(options.topology, new Clock(options.clock), new Random(options.seed, {}));
    this.#router = this.#newRouter();
    for (const resource of resources) plant(resource, this.#world);
  }

  get world(): World {
    return this.#world;
  }

  get clock(): Clock {
    return this.#world.clock;
  }

  get router(): Router {
    return this.#router;
  }

  /** From now on the two clusters can reach each other. */
  connect(other: Simulation): void {
    this.#neighbours.push(other);
    other.#neighbours.push(this);
  }

  /** The whole state, in pieces of one text. */
  dumpTexts(): Iterable<string> {
    return saveState(this.#world, this.#seed);
  }

  /**
   * Throws an Error when the text is not a saved state, or is one that no simulator can have left since it does not hold
   * together; the present one stays then.
   */
  restore(text: string): void {
    const state = readState(text);
    const topology = parseTopology(state.topology);
    const known = new Set(resources.map((resource) => resource.kind));
    const stranger = Object.keys(state.tables).find((kind) => !known.has(kind));
    if (stranger !== undefined)
      throw new InputError('saved state', `tables.${stranger}`, 'this simulator does not know the kind');
    checkTables(state.tables, resources, topology);
    const world = this.#worldOf(topology, state, verifyWorld);
    this.#enter(world, state.seed);
  }

  /**
   * Makes the cluster one of another kind or release, as it runs. Throws an Error when there are records that only the
   * present kind can have.
   */
  reconfigure(change: Partial<Pick<Topology['cluster'], 'personality' | 'version'>>): void {
    const before = this.#world;
    const cluster = { ...before.topology.cluster, ...change };
    const topology = parseTopology({ ...before.topology, cluster });
    const turns = (cluster.personality === 'asa-r2') !== (before.personality === 'asa-r2');
    const held = ['lun', 'namespace'].find((kind) => before.store.all(kind).length > 0);
    if (turns && held !== undefined)
      throw new Error(`The cluster has a ${held}; only without one can it become, or cease to be, an ASA r2 system.`);
    const state = readState([...this.dumpTexts()].join(''));
    const world = this.#worldOf(topology, state, (made) => {
      for (const resource of made.resources())
        if (!isOffered(resource, before.version, before.personality) && made.store.all(resource.kind).length === 0)
          plant(resource, made);
      if (made.offers('qtree')) completeQtrees(made);
    });
    this.#enter(world, state.seed);
  }

  /** Lets go of what is to come. */
  stop(): void {
    this.#world.jobs.stop();
    this.#world.clock.stop();
  }

  /** From now on the cluster is another world; what waits in the present one is let go. */
  #enter(world: World, seed: number) {
    this.stop();
    this.#seed = seed;
    this.#world = world;
    this.#router = this.#newRouter();
    world.jobs.resume();
  }

  /** The world of a saved state. One that cannot be leaves no timers: what throws in `complete` ends it. */
  #worldOf(topology: Topology, state: SavedState, complete: (world: World) => void): World {
    const world = this.#newWorld(topology, new Clock(state.clock), new Random(state.seed, state.random));
    try {
      fill(world, state);
      complete(world);
      world.jobs.load();
    } catch (cause) {
      world.clock.stop();
      throw cause;
    }
    return world;
  }

  #newWorld(topology: Topology, clock: Clock, random: Random): World {
    return new World({
      topology,
      clock,
      random,
      resources,
      jobs: (world) => new Jobs(world, this.#jobs),
      pace: this.#pace,
      strict: this.#strict,
      neighbours: () => this.#neighbours.map((each) => each.world),
    });
  }

  #newRouter(): Router {
    return new Router(this.#world.resources(), actions, notSimulated);
  }
}
