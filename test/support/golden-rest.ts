import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import * as v from 'valibot';

/** Replays recorded calls of the stock core against a running server of ours, and compares the answers. */

const request = { method: v.string(), path: v.string(), body: v.nullable(v.string()), status: v.nullable(v.number()) };
const caseSchema = v.object({
  ...request,
  name: v.string(),
  /** How many of the scenario's seeds come before it. */
  after: v.number(),
  /** Null where the stock core broke the connection instead of answering. */
  answer: v.nullish(v.string(), null),
  headers: v.optional(v.record(v.string(), v.string()), {}),
});
const recordingSchema = v.object({
  scenarios: v.record(v.string(), v.object({ seeds: v.array(v.object(request)), cases: v.array(caseSchema) })),
});
type Recorded = v.InferOutput<typeof caseSchema>;
type Scenario = v.InferOutput<typeof recordingSchema>['scenarios'][string];

export const readScenario = (name: string): Scenario => {
  const file = new URL('../fixtures/golden-rest/recorded.json', import.meta.url);
  const scenario = v.parse(recordingSchema, JSON.parse(readFileSync(file, 'utf8'))).scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name} in the recording`);
  return scenario;
};

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export const sendRaw = async (
  pool: Pool,
  call: { readonly method: string; readonly path: string; readonly body: string | null },
): Promise<Reply> => {
  const { statusCode, headers, body } = await pool.request({
    // The type lists the usual methods; the recording has others, which is its point.
    method: call.method as 'GET',
    path: call.path,
    body: call.body,
    ...(call.body === null ? {} : { headers: { 'content-type': 'application/json' } }),
  });
  return { status: statusCode, headers, body: await body.text() };
};

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const time = /\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(?:\.\d+)?(?:Z|-UTC)/g;

/** Lists that mean sets. */
const unorderedKeys = new Set(['backends', 'storageClasses', 'nodes', 'volumes', 'offer']);

/**
 * Names in lists that only one of the two has: what the recorded core made and can neither read nor delete, and the
 * snapshot that ours has room for instead.
 */
const onlyOneHas: ReadonlyMap<string, readonly unknown[]> = new Map([
  ['storageClasses', ['']],
  ['volumes', ['a/b']],
  ['snapshots', ['v1/a/b', 'v1/s4']],
]);

/** Objects with names like that, and a password in clear, are faults of the recorded core that would show everywhere. */
const withoutFaults = (value: unknown, key: string): unknown => {
  if (key === 'password' && value === 's3cret<&>') return '<REDACTED>';
  return Array.isArray(value) ? value.filter((name) => onlyOneHas.get(key)?.includes(name) !== true) : value;
};

const normal = (given: unknown, key: string): unknown => {
  const value = withoutFaults(given, key);
  if (typeof value === 'string') return value.replace(uuid, '<uuid>').replace(time, '<time>');
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value.map((item: unknown) => normal(item, ''));
    return unorderedKeys.has(key) ? [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      // What runs the core is not what ran the recorded one.
      .filter(([name]) => name !== 'goVersion')
      .map(([name, one]) => [name, normal(one, name)]),
  );
};

/** An answer in a form that may be compared: structure, without what differs between runs and without our own keys. */
export const comparable = (body: string): unknown => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body;
  }
  if (typeof value !== 'object' || value === null) return value;
  const own = new Set(['problem', 'details', 'warnings']);
  return normal(Object.fromEntries(Object.entries(value).filter(([name]) => !own.has(name))), '');
};

/** The recorded UUIDs in a path as ours: both name the same backend. */
const translatePath = async (pool: Pool, scenario: Scenario, path: string): Promise<string> => {
  const found = path.match(uuid)?.[0];
  const recorded = scenario.cases.find(
    (one) =>
      found !== undefined &&
      one.answer !== null &&
      one.answer.startsWith(`{"backend":{"name":`) &&
      one.answer.includes(`"backendUUID":"${found}"`),
  );
  const name = recorded?.answer === null ? undefined : /"name":"([^"]+)"/.exec(recorded?.answer ?? '')?.[1];
  if (found === undefined || name === undefined) return path;
  const { body } = await sendRaw(pool, { method: 'GET', path: `/trident/v1/backend/${name}`, body: null });
  const ours = /"backendUUID":"([^"]+)"/.exec(body)?.[1];
  return ours === undefined ? path : path.replace(found, ours);
};

export interface Replayed {
  readonly recorded: Recorded;
  readonly reply: Reply;
}

/**
 * Sends the seeds in order, and each case at its place among them; a case that is itself the next seed is sent once.
 * Answers every case with our answer; what `skipped` picks is not sent, because it would lead ours elsewhere.
 */
export const replay = async (
  url: string,
  scenario: Scenario,
  skipped: (seed: Scenario['seeds'][number]) => boolean,
): Promise<readonly Replayed[]> => {
  const pool = new Pool(url, { connections: 4 });
  const results: Replayed[] = [];
  const send = async (call: { readonly method: string; readonly path: string; readonly body: string | null }) =>
    sendRaw(pool, { ...call, path: await translatePath(pool, scenario, call.path) });
  try {
    for (let sent = 0; sent <= scenario.seeds.length; sent++) {
      const seed = scenario.seeds[sent];
      let seedReply: Reply | undefined;
      const here = scenario.cases.filter((one) => one.after === sent);
      const isSeed = (one: Recorded) =>
        seed !== undefined && one.method === seed.method && one.path === seed.path && one.body === seed.body;
      for (const recorded of here.filter((one) => !isSeed(one)))
        results.push({ recorded, reply: await send(recorded) });
      if (seed !== undefined && !skipped(seed)) seedReply = await send(seed);
      for (const recorded of here.filter(isSeed))
        if (seedReply !== undefined) results.push({ recorded, reply: seedReply });
    }
  } finally {
    await pool.close();
  }
  return results;
};
