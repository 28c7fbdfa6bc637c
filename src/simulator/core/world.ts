import { Agenda, type Alarm, type Watch } from './agenda.ts';
import type { Clock } from './clock.ts';
import type { Charge, Reaction, Resource } from './declaration.ts';
import { text, type Entry } from './entry.ts';
import type { Jobs } from './jobs.ts';
import type { Pace } from './pace.ts';
import type { Random } from './random.ts';
import { compileSchema, isOffered, type Schema, type SchemaNode } from './schema.ts';
import { Store, type TableShape } from './store.ts';
import type { Topology } from './topology.ts';

export interface AggregateUsage {
  readonly charged: number;
  readonly footprint: number;
}

const NOTHING: AggregateUsage = { charged: 0, footprint: 0 };

/** Key under which a record is unique by a rule; undefined: the rule does not concern it. */
export const uniqueKey = (
  rule: { readonly fields: readonly string[]; readonly ignoreCase?: true },
  entry: Entry,
): string | undefined => {
  const parts: string[] = [];
  for (const field of rule.fields) {
    const value = entry[field];
    if (value === undefined || typeof value === 'object') return undefined;
    parts.push(rule.ignoreCase ? String(value).toLowerCase() : String(value));
  }
  return parts.join('\u0000');
};

const shapeOf = (resource: Resource): TableShape => ({
  kind: resource.kind,
  indexes: [...new Set([...(resource.indexes ?? []), ...('name' in resource.fields ? ['name'] : [])])],
  order: resource.order ?? resource.keys,
  unique: (resource.unique ?? []).map((rule) => ({ fields: rule.fields, keyOf: (entry) => uniqueKey(rule, entry) })),
});

interface Watcher {
  readonly kind: string;
  readonly alarm: Alarm;
  readonly watched: Watch;
}

/** The alarms that watch a kind, by that kind. */
const watchersOf = (resources: readonly Resource[]): ReadonlyMap<string, readonly Watcher[]> => {
  const watchers = new Map<string, Watcher[]>();
  for (const { kind, alarm } of resources) {
    if (!alarm) continue;
    for (const watched of alarm.watches ?? [])
      watchers.set(watched.kind, [...(watchers.get(watched.kind) ?? []), { kind, alarm, watched }]);
  }
  return watchers;
};

const concerns = ({ member }: Watch, before: Entry | undefined, after: Entry | undefined): boolean =>
  member === undefined || before?.[member] !== after?.[member];

type HrefPart = string | SchemaNode;

/** One simulated cluster: its records, its clock, its chance, and what is known about its resources. */
export class World {
  readonly topology: Topology;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly jobs: Jobs;
  readonly pace: Pace;
  /** Refuses what arrays with some settings refuse: LUN maps without paths, deleting what is mounted. */
  readonly strict: boolean;
  readonly version: string;
  readonly personality: string;
  /** Records not to be seen until an instant (milliseconds), by `kind/id`; a fault makes them. */
  readonly hidden = new Map<string, number>();
  readonly #resources: ReadonlyMap<string, Resource>;
  readonly #schemas = new Map<string, Schema>();
  readonly #reactions = new Map<string, readonly Reaction[]>();
  readonly #hrefs = new Map<string, readonly HrefPart[]>();
  readonly #usage = new Map<string, AggregateUsage>();
  readonly #agenda: Agenda;
  readonly #neighbours: () => readonly World[];

  constructor(parts: {
    readonly topology: Topology;
    readonly clock: Clock;
    readonly random: Random;
    readonly resources: readonly Resource[];
    readonly jobs: (world: World) => Jobs;
    readonly pace: Pace;
    readonly strict: boolean;
    /** Other simulated clusters that this one can reach. */
    readonly neighbours: () => readonly World[];
  }) {
    this.topology = parts.topology;
    this.clock = parts.clock;
    this.random = parts.random;
    this.pace = parts.pace;
    this.strict = parts.strict;
    this.#neighbours = parts.neighbours;
    this.#agenda = new Agenda(this);
    this.version = parts.topology.cluster.version;
    this.personality = parts.topology.cluster.personality;
    this.#resources = new Map(parts.resources.map((resource) => [resource.kind, resource]));
    this.store = new Store(parts.resources.map(shapeOf));
    const watchers = watchersOf(parts.resources);
    this.store.onChange((kind, before, after) => {
      this.#account(kind, before, after);
      const alarm = this.#resources.get(kind)?.alarm;
      const id = after?.$id ?? before?.$id;
      if (alarm && id !== undefined) this.#agenda.follow(kind, id, after, alarm);
      for (const watcher of watchers.get(kind) ?? [])
        if (concerns(watcher.watched, before, after)) this.#agenda.look(watcher.kind, watcher.alarm);
    });
    this.jobs = parts.jobs(this);
  }

  /** Other simulated clusters that this one can reach. */
  neighbours(): readonly World[] {
    return this.#neighbours();
  }

  resources(): readonly Resource[] {
    return [...this.#resources.values()].filter((resource) => isOffered(resource, this.version, this.personality));
  }

  /** Whether this release and kind of system has the resource. */
  offers(kind: string): boolean {
    return isOffered(this.resource(kind), this.version, this.personality);
  }

  resource(kind: string): Resource {
    const resource = this.#resources.get(kind);
    if (!resource) throw new Error(`No resource ${kind}`);
    return resource;
  }

  /** What other resources do when a record of this kind changes. */
  reactionsTo(kind: string): readonly Reaction[] {
    const known = this.#reactions.get(kind);
    if (known) return known;
    const reactions = this.resources()
      .flatMap((resource) => resource.reactions ?? [])
      .filter((reaction) => reaction.to === kind);
    this.#reactions.set(kind, reactions);
    return reactions;
  }

  schema(kind: string): Schema {
    const known = this.#schemas.get(kind);
    if (known) return known;
    const schema = compileSchema(this.resource(kind), this.version, this.personality);
    this.#schemas.set(kind, schema);
    return schema;
  }

  /** The path of a record, `/api/…`. */
  href(kind: string, entry: Entry): string {
    let path = '';
    for (const part of this.#hrefParts(kind)) {
      path += typeof part === 'string' ? part : encodeURIComponent(String(part.get(entry, this) ?? ''));
    }
    return path;
  }

  usage(aggregate: string): AggregateUsage {
    return this.#usage.get(aggregate) ?? NOTHING;
  }

  isHidden(kind: string, id: string): boolean {
    if (this.hidden.size === 0) return false;
    const until = this.hidden.get(`${kind}/${id}`);
    return until !== undefined && this.clock.now() < until;
  }

  /** The SVM a record belongs to; undefined for records of the cluster. */
  svmOf(kind: string, entry: Entry): string | undefined {
    if (kind === 'svm') return entry.$id;
    return text(entry, 'svm') || undefined;
  }

  #hrefParts(kind: string): readonly HrefPart[] {
    const known = this.#hrefs.get(kind);
    if (known) return known;
    const resource = this.resource(kind);
    const keys = resource.singleton ? [] : resource.keys.map((key) => `/{${key}}`);
    const parts = `/api${resource.path}${keys.join('')}`
      .split(/[{}]/)
      .map((part, index): HrefPart => {
        if (index % 2 === 0) return part;
        const node = this.schema(kind).find(part);
        if (!node) throw new Error(`${kind} has no field ${part} for its path`);
        return node;
      })
      .filter((part) => part !== '');
    this.#hrefs.set(kind, parts);
    return parts;
  }

  #account(kind: string, before: Entry | undefined, after: Entry | undefined) {
    const charges = this.#resources.get(kind)?.charges;
    if (!charges) return;
    if (before) for (const charge of charges(before)) this.#charge(charge, -1);
    if (after) for (const charge of charges(after)) this.#charge(charge, 1);
  }

  #charge({ aggregate, bytes, footprint }: Charge, sign: 1 | -1) {
    const usage = this.usage(aggregate);
    this.#usage.set(aggregate, {
      charged: usage.charged + sign * bytes,
      footprint: usage.footprint + sign * footprint,
    });
  }
}
