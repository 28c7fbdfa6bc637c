import type { Alarm } from './agenda.ts';
import type { Inside } from './contents.ts';
import type { Entry, Stored, StoredObject } from './entry.ts';
import type { Refusal } from './refusal.ts';
import type { Personality, Topology } from './topology.ts';
import type { World } from './world.ts';

/**
 * What a resource file says. Envelope, fields, filters, order, pages, jobs, coercion, references and errors come from
 * the core; a resource adds its fields, its rules and its effects on the world.
 */

export type FieldKind =
  | 'string'
  | 'integer'
  /** Bytes: an integer that is also taken as `10GB`, in bodies and in filters. */
  | 'size'
  | 'number'
  | 'boolean'
  | 'time'
  | 'enum'
  | 'strings'
  | 'integers'
  /** The key of one record of another kind; shown as an object with some of that record's members. */
  | 'ref'
  | 'refs'
  /** A list of objects with fields of their own. */
  | 'objects'
  /** A JSON object that the simulator keeps and shows but does not look into. */
  | 'opaque';

export interface Field {
  readonly kind: FieldKind;
  /** ref, refs: the kind referred to; objects: the kind of the record whose key an element has as `$ref`, for its links. */
  readonly to?: string;
  /** ref, refs: members of the other record that are shown and accepted; default `name`, `uuid`. */
  readonly children?: readonly string[];
  /** ref: those of the children that are expensive. */
  readonly expensiveChildren?: readonly string[];
  /** ref: only a record of the same SVM, or one of the cluster, can be referred to. */
  readonly scoped?: true;
  /** objects: the fields of an element. */
  readonly of?: Fields;
  /** In which requests a client may send it; absent: POST and PATCH. */
  readonly write?: 'never' | 'create' | 'modify';
  readonly required?: true;
  /** Refusal when a required field is not given, instead of the general one. */
  readonly missing?: () => Refusal;
  /** Taken, never shown. */
  readonly secret?: true;
  /** For the request alone: `prepare` sees it, no record keeps it. */
  readonly passing?: true;
  /** ONTAP has it and the simulator does not: absent from answers, and 501 when it is set or filtered on. */
  readonly unmodelled?: true;
  /** Only shown when it is asked for. */
  readonly expensive?: true;
  /** Always shown. */
  readonly key?: true;
  readonly values?: readonly string[];
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** ref: a name that means no reference at all, such as `none`. */
  readonly absentName?: string;
  /** `null` takes the value away; `""` does so for references. */
  readonly clearable?: true;
  readonly default?: Stored;
  /** Refusal for a value that breaks maxLength, minimum, maximum or values, instead of the general one. */
  readonly refusal?: (value: string) => Refusal;
  /** Refusal for a reference that leads nowhere, instead of the one of the resource referred to. */
  readonly unknown?: (given: string) => Refusal;
  /** ref: one that leads nowhere is refused when the work is done, by the job. */
  readonly late?: true;
  /** First release that knows the field, `9.16.1`. */
  readonly since?: string;
  readonly personalities?: readonly Personality[];
  /** Derived values are not stored. */
  readonly compute?: (entry: Entry, world: World) => Stored | undefined;
}

export type Fields = Readonly<Record<string, Field>>;

/** What a check or an effect is told about the request. Plain data, so that it can wait in a job and in a dump. */
export interface RequestFacts {
  /** Parameters of the endpoint itself (`force`, `restore_to.snapshot.name`), not filters and not reserved ones. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Aggregate that has no space for this request, `*` for all; from a fault. */
  readonly fullAggregate?: string;
}

/** What becomes of the transfer that a request starts; from a fault. */
export interface TransferFate {
  /** Added to the time it takes; infinite: it does not end by itself. */
  readonly stallMs?: number;
  readonly failure?: { readonly code: number; readonly message: string };
}

export interface Context extends RequestFacts {
  readonly world: World;
  /** Known when the request arrives, and not any more when its job runs. */
  readonly transfer?: TransferFate;
}

export type Values = Readonly<Record<string, Stored | undefined>>;

type Asynchronous = boolean | ((values: StoredObject, context: Context) => boolean);

export interface Creation {
  readonly asynchronous: Asynchronous;
  /** `query`: while the job runs, Location is the collection filtered by name. Default `instance`. */
  readonly location?: 'instance' | 'query';
  /** When the request arrives: refuses, fills in what depends on other values. Gets and returns the whole record. */
  readonly prepare?: (draft: Entry, context: Context) => Entry;
  /** When it is done: `entry` is in the store already; what is thrown takes everything back. */
  readonly effects?: (entry: Entry, context: Context) => void;
}

export interface Modification {
  readonly asynchronous: Asynchronous;
  readonly prepare?: (changes: Values, before: Entry, context: Context) => Values;
  readonly effects?: (after: Entry, before: Entry, context: Context, changes: Values) => void;
  /** Milliseconds that the work of a job takes at least. */
  readonly lasts?: (values: StoredObject, world: World) => number | undefined;
  /** True when a PATCH without any value is a request all the same. */
  readonly mayBeEmpty?: (context: Context) => boolean;
}

export interface Removal {
  readonly asynchronous: Asynchronous;
  /** The record that goes, where it is not the one that the path names. */
  readonly target?: (addressed: Entry, context: Context) => Entry;
  /** When the request arrives. */
  readonly check?: (entry: Entry, context: Context) => void;
  /** When it is done, before the record goes. */
  readonly effects?: (entry: Entry, context: Context) => void;
}

/**
 * What a resource does when a record of another kind is made, changed or removed; part of that operation, so that a
 * refusal takes both back. A namespace goes with its volume, a volume's clone has copies of its LUNs.
 */
export interface Reaction {
  /** The other kind. */
  readonly to: string;
  /** When a request for the other kind arrives, after its own checks: refuses it. Gets the record as it will be, or as it is when it goes. */
  readonly planned?: (verb: Exclude<Verb, 'get'>, entry: Entry, context: Context, before: Entry | undefined) => void;
  /** After the record was made and had its own effects. */
  readonly created?: (entry: Entry, context: Context) => void;
  readonly modified?: (after: Entry, before: Entry, context: Context) => void;
  /** Before its own effects, while it is still there. */
  readonly removed?: (entry: Entry, context: Context) => void;
}

export interface Charge {
  readonly aggregate: string;
  /** Bytes taken away from what the aggregate can give. */
  readonly bytes: number;
  /** Bytes that hold data. */
  readonly footprint: number;
}

/** A verb of its own on a path of its own, such as a CLI command that is neither show, create, modify nor delete. */
export interface Action {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly fields: Fields;
  readonly clusterOnly?: true;
  /** When the request arrives. The operation is done by a job. */
  readonly plan: (values: Values, context: Context) => PlannedAction;
}

export interface PlannedAction {
  readonly operation: Operation;
  readonly svm: string | undefined;
}

/** A change of one record as data: it can wait in a job and in a dump. */
export interface Operation extends RequestFacts {
  readonly verb: 'create' | 'modify' | 'remove';
  readonly kind: string;
  readonly id: string;
  /** create: the whole record; modify: what changes. */
  readonly values: StoredObject;
  /** modify: members that are taken away. */
  readonly unset: readonly string[];
}

/** Bytes of a record that are read and written as `multipart/form-data`. */
export interface DataAccess {
  /** The parameter that says where. */
  readonly at: string;
  /** The one that says how many are read. */
  readonly size: string;
  /** What is written may reach beyond the end, and a POST with bytes makes a record. */
  readonly grows?: true;
  readonly length: (entry: Entry) => number;
  /** What changes beside the bytes, of a record that has them already; `end` is where the last one was written. */
  readonly written: (entry: Entry, end: number, world: World) => StoredObject;
}

export interface Unique {
  /** Members that are unique together; records that lack one are not concerned. */
  readonly fields: readonly string[];
  readonly ignoreCase?: true;
  readonly refusal: (entry: Entry, world: World) => Refusal;
  /** When the holder is still being made; default: as `refusal`. */
  readonly pending?: (entry: Entry, world: World) => Refusal;
}

export type Verb = 'get' | 'create' | 'modify' | 'remove';

/** A parameter of an endpoint; `since` is the first release that knows it. */
export type Parameter = string | { readonly name: string; readonly since: string };

export interface Resource {
  readonly kind: string;
  /** Below `/api`; `{volume.uuid}` names the field that holds the parent. */
  readonly path: string;
  /** Fields that make up the last part of an instance's path. */
  readonly keys: readonly string[];
  readonly fields: Fields;
  /** Stored members that order the collection; default: the keys. */
  readonly order?: readonly string[];
  readonly indexes?: readonly string[];
  readonly unique?: readonly Unique[];
  /** Keys in paths are the same whatever their case. */
  readonly ignoresCase?: true;
  /**
   * Instances are places in a tree: GET of one lists what is in it, POST to one makes it; the collection is the root.
   * The records listed need not be in the store. Refuses a path that leads nowhere.
   */
  readonly tree?: {
    readonly list: (parents: Readonly<Record<string, string>>, path: string, world: World) => readonly Entry[];
  };
  /** The API documents bodies with `records`: what they say is done at once, not by a job. */
  readonly takesRecords?: true;
  /** One record, or one for each parent, and no collection. */
  readonly singleton?: true;
  /** Below `/private/cli`: no links, and `fields=*` is refused. */
  readonly passthrough?: true;
  /** Users of an SVM are turned away, or may only read. */
  readonly clusterOnly?: true | 'writes';
  /** What a request scoped to an SVM is shown; absent: everything. */
  readonly svmFields?: readonly string[];
  /** There is nothing to read (the EMS log takes messages, it does not give them back). */
  readonly writeOnly?: true;
  /** Verbs that ONTAP has here and the simulator does not: 501. */
  readonly notSimulated?: readonly Verb[];
  readonly since?: string;
  readonly personalities?: readonly Personality[];
  readonly parameters?: Partial<Record<Verb, readonly Parameter[]>>;
  /** In filters a comma separates alternatives, as `|` does everywhere. */
  readonly commasSeparate?: true;
  /** A GET takes `member=` without a value as no filter, instead of refusing it. */
  readonly ignoresEmptyFilters?: true;
  /** Records that a collection does not list unless the request says so. */
  readonly hides?: (entry: Entry, world: World, parameters: Readonly<Record<string, string>>) => boolean;
  /**
   * Records that derive from others and are in no store, sorted as the collection is: what a GET is about in the place
   * of the stored ones, when its parameters ask for them. `parents` are those that the path names, by their fields.
   */
  readonly derived?: (
    parameters: Readonly<Record<string, string>>,
    world: World,
    filters: ReadonlyMap<string, string>,
    parents: Readonly<Record<string, string>>,
  ) => readonly Entry[] | undefined;
  /** Told of every GET of one record, before it is shown. */
  readonly beforeRead?: (entry: Entry, world: World) => void;
  /** The key of a new record; default: a UUID from the seed, also stored as `uuid`. */
  readonly identify?: (draft: StoredObject, world: World) => string;
  /** Space that a record takes from aggregates; the world keeps the sums. */
  readonly charges?: (entry: Entry) => readonly Charge[];
  /** When the parent in the path is not there; default 404 code 4. */
  readonly noParent?: (given: string) => Refusal;
  /** Finds the parents that a path names, by the field that holds them, where one part of it alone does not say which. */
  readonly parents?: (path: Readonly<Record<string, string>>, world: World) => Readonly<Record<string, string>>;
  /** Refuses a path whose parents are there and do not belong together. */
  readonly checkParents?: (parents: Readonly<Record<string, string>>, world: World) => void;
  /** Links of a record beside `self`. */
  readonly links?: (entry: Entry, world: World) => Readonly<Record<string, string>>;
  /** When the record that a path names is not there; default 404 code 4. */
  readonly absent?: (method: string) => Refusal;
  /** How other resources refuse a reference to a record of this kind that is not there. */
  readonly unknown?: (given: string, field: string) => Refusal;
  readonly data?: DataAccess;
  readonly create?: Creation;
  readonly modify?: Modification;
  readonly remove?: Removal;
  readonly reactions?: readonly Reaction[];
  /** Other records that these are part of, and go with. */
  readonly inside?: readonly Inside[];
  /** What records of this kind do by themselves as time goes by. */
  readonly alarm?: Alarm;
  /** What is there before the first request. Earlier rows of the table are seeded first. */
  readonly seed?: (topology: Topology, world: World) => readonly Entry[];
}
