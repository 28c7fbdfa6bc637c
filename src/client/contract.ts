/**
 * The shape of the core's REST API. Each operation is declared once in `operations.ts`; the HTTP client, the embedded
 * client and the server are all derived from that table. Wire format: stock's (`/trident/v1`), what we add has paths
 * and keys of its own.
 */

/** Turns parsed JSON into a checked value. Throws a Problem of kind `invalid` that names the key. */
export interface Codec<T> {
  parse(input: unknown): T;
}

/** Which mapping of problem kinds to HTTP statuses applies (stock has four, and two routes of their own). */
export type StatusFamily = 'add' | 'get' | 'delete' | 'volumeUpdate' | 'luks';

export interface Operation<Path extends string, Request, Response> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/trident/v1`, parameters in braces: `/volume/{volume}`. */
  readonly path: Path;
  readonly success: 200 | 201 | 202;
  /** Other statuses of other cores that mean success, too. */
  readonly alsoSuccess?: readonly number[];
  readonly family: StatusFamily;
  /** Query parameters it understands. */
  readonly query: readonly string[];
  readonly request: Codec<Request>;
  /** `document`: the body may be YAML as well as JSON. */
  readonly requestForm?: 'document';
  readonly response: Codec<Response>;
}

type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;
export type Params<Path extends string> = { readonly [Name in ParamNames<Path>]: string };

/** Keeps the literal path, so that its parameters are typed. */
export const operation = <const Path extends string, Request, Response>(
  o: Operation<Path, Request, Response>,
): Operation<Path, Request, Response> => o;

export type AnyOperation = Operation<string, unknown, unknown>;
export type RequestOf<O> = O extends Operation<string, infer Request, unknown> ? Request : never;
export type ResponseOf<O> = O extends Operation<string, unknown, infer Response> ? Response : never;
export type PathOf<O> = O extends Operation<infer Path, unknown, unknown> ? Path : never;

/** One call of an operation. */
export interface Call<O> {
  readonly params: Params<PathOf<O>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: RequestOf<O>;
  readonly signal: AbortSignal;
  /** Told what is being done, step by step, where the core runs in this process. */
  readonly progress?: (step: string) => void;
}

/** What a command holds. It cannot tell whether the core is in this process, behind a URL or in a cluster. */
export type Calls<Table extends Readonly<Record<string, AnyOperation>>> = {
  readonly [Name in keyof Table]: (call: Call<Table[Name]>) => Promise<ResponseOf<Table[Name]>>;
};

/** The core as a command sees it. */
export interface Core<Table extends Readonly<Record<string, AnyOperation>>> extends AsyncDisposable {
  readonly call: Calls<Table>;
  /** For people: `server http://127.0.0.1:8000`, `embedded engine (state in …)`. */
  readonly description: string;
  /** Whether the core answers whole collections (`details/…`) or only names, as stock does. */
  readonly mode: 'server' | 'cluster' | 'embedded';
}
