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

/** A world with its clock and its routes; a restored state replaces the world. */
export class Simulation {
  readonly clock: Clock;
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
    this.clock = new Clock(options.clock);
    this.#jobs = options.jobs;
    this.#pace = options.pace;
    this.#strict = options.strict;
    this.#seed = options.seed;
    this.#world = this.#newWorld(options.topology, new Random(options.seed, {}));
    this.#router = this.#newRouter();
    for (const resource of resources) this.#plant(resource);
  }

  get world(): World {
    return this.#world;
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

  /** Throws an Error when the text is not a saved state; the present one stays then. */
  restore(text: string): void {
    const state = readState(text);
    const topology = parseTopology(state.topology);
    const known = new Set(resources.map((resource) => resource.kind));
    const stranger = Object.keys(state.tables).find((kind) => !known.has(kind));
    if (stranger !== undefined)
      throw new InputError('saved state', `tables.${stranger}`, 'this simulator does not know the kind');
    this.#load(state, topology);
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
    this.#load(readState([...this.dumpTexts()].join('')), topology);
    for (const resource of this.#world.resources())
      if (!isOffered(resource, before.version, before.personality) && this.#world.store.all(resource.kind).length === 0)
        this.#plant(resource);
    if (this.#world.offers('qtree')) completeQtrees(this.#world);
  }

  #load(state: SavedState, topology: Topology) {
    this.#world.jobs.stop();
    this.clock.reset(state.clock);
    this.#seed = state.seed;
    this.#world = this.#newWorld(topology, new Random(state.seed, state.random));
    this.#router = this.#newRouter();
    for (const [kind, entries] of Object.entries(state.tables))
      for (const entry of entries) this.#world.store.put(kind, entry);
    // A state that an older simulator left does not know of some kinds.
    for (const resource of resources) if (state.tables[resource.kind] === undefined) this.#plant(resource);
    for (const [key, until] of state.hidden) this.#world.hidden.set(key, until);
    this.#world.jobs.resume();
  }

  /** What is there of a kind from the beginning. */
  #plant(resource: Resource) {
    for (const entry of resource.seed?.(this.#world.topology, this.#world) ?? [])
      this.#world.store.put(resource.kind, entry);
  }

  #newWorld(topology: Topology, random: Random): World {
    return new World({
      topology,
      clock: this.clock,
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
