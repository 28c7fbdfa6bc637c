import { isIP } from 'node:net';
import * as v from 'valibot';
import type { FaultRule } from './fault-rules.ts';
import { isTimeZone } from './zone.ts';
import { INTERFACE_SERVICES, LICENCE_PACKAGES, type Topology } from './topology.ts';

/** Files and control-plane bodies, checked. Unknown keys are refused: a misspelt match would strike every request. */

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const natural = v.pipe(v.number(), v.integer(), v.minValue(0));
const ending = v.picklist(['close', 'reset']);

const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PUT'];
const method = v.pipe(v.string(), v.toUpperCase(), v.picklist(METHODS));

const action = v.variant('type', [
  v.strictObject({
    type: v.literal('refuse'),
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    // ONTAP's codes are numbers in texts; in YAML people write the number.
    code: v.exactOptional(v.union([v.string(), v.pipe(v.number(), v.integer(), v.transform(String))])),
    message: v.exactOptional(v.string()),
    target: v.exactOptional(v.string()),
    retryAfterSeconds: v.exactOptional(natural),
    text: v.exactOptional(v.string()),
    contentType: v.exactOptional(v.string()),
  }),
  v.strictObject({ type: v.literal('delay'), milliseconds: natural, jitterMilliseconds: v.exactOptional(natural) }),
  v.strictObject({
    type: v.literal('delay-reply'),
    milliseconds: natural,
    jitterMilliseconds: v.exactOptional(natural),
  }),
  v.strictObject({
    type: v.literal('delay-body'),
    milliseconds: natural,
    jitterMilliseconds: v.exactOptional(natural),
  }),
  v.strictObject({ type: v.literal('drop-request'), how: v.exactOptional(ending) }),
  v.strictObject({
    type: v.literal('drop-reply'),
    how: v.exactOptional(v.picklist(['close', 'reset', 'truncate', 'reset-headers', 'reset-body'])),
  }),
  v.strictObject({
    type: v.literal('job-stall'),
    state: v.exactOptional(v.picklist(['queued', 'running', 'paused'])),
    milliseconds: v.exactOptional(natural),
  }),
  v.strictObject({
    type: v.literal('job-fail'),
    code: v.number(),
    message: v.string(),
    afterWork: v.exactOptional(v.boolean()),
    onlyError: v.exactOptional(v.boolean()),
  }),
  v.strictObject({ type: v.literal('job-vanish') }),
  v.strictObject({ type: v.literal('hide'), milliseconds: natural }),
  v.strictObject({ type: v.literal('aggregate-full'), aggregate: v.exactOptional(v.string()) }),
  v.strictObject({ type: v.literal('transfer-stall'), milliseconds: v.exactOptional(natural) }),
  v.strictObject({
    type: v.literal('transfer-fail'),
    code: v.exactOptional(v.pipe(v.number(), v.integer())),
    message: v.exactOptional(v.string()),
  }),
  v.strictObject({ type: v.literal('page-size'), records: positive }),
  v.strictObject({ type: v.literal('empty-page') }),
  v.strictObject({ type: v.literal('expire-pages'), milliseconds: natural }),
  v.strictObject({ type: v.literal('drop-field'), field: v.string() }),
  v.strictObject({
    type: v.literal('skew'),
    milliseconds: v.exactOptional(v.pipe(v.number(), v.integer())),
    zone: v.exactOptional(v.pipe(v.string(), v.regex(/^[+-]\d{2}:\d{2}$/, 'a zone looks like +12:00'))),
  }),
  v.strictObject({
    type: v.literal('tls'),
    how: v.picklist(['expired', 'wrong-host', 'unknown-authority', 'refused']),
  }),
]);

const faultRule = v.strictObject({
  name: v.exactOptional(v.string()),
  when: v.strictObject({
    method: v.exactOptional(v.union([method, v.array(method)], `must be one of ${METHODS.join(', ')}`)),
    path: v.exactOptional(v.string()),
    query: v.exactOptional(v.record(v.string(), v.string())),
    body: v.exactOptional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
    user: v.exactOptional(v.string()),
    nth: v.exactOptional(positive),
    skip: v.exactOptional(natural),
    count: v.exactOptional(natural),
    probability: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
    forMilliseconds: v.exactOptional(natural),
  }),
  then: action,
});

const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'));
const address = v.pipe(
  v.string(),
  v.check((given) => isIP(given) > 0, 'must be an IP address'),
);

const VERSION = 'a version looks like 9.17.1';

export const topologyEntries = {
  cluster: v.strictObject({
    name: text,
    version: v.pipe(v.string(VERSION), v.regex(/^\d+\.\d+\.\d+$/, VERSION)),
    personality: v.picklist(['unified', 'asa', 'asa-r2', 'afx']),
    managementAddress: address,
    location: v.string(),
    contact: v.string(),
    timeZone: v.pipe(text, v.check(isTimeZone, 'there is no such time zone')),
    precluster: v.exactOptional(v.boolean()),
  }),
  nodes: v.array(v.strictObject({ name: text, model: text, serialNumber: v.string(), managementAddress: address })),
  aggregates: v.pipe(
    v.array(
      v.strictObject({
        name: text,
        node: text,
        sizeBytes: positive,
        storageType: v.picklist(['hdd', 'hybrid', 'ssd', 'vmdisk']),
      }),
    ),
    v.minLength(1, 'a cluster has at least one aggregate'),
  ),
  licences: v.array(v.picklist(LICENCE_PACKAGES)),
  svms: v.array(
    v.strictObject({
      name: v.pipe(
        text,
        v.regex(/^[A-Za-z_][\w.-]{0,46}$/, 'the name of an SVM has letters, digits, "_", "-" and "."'),
      ),
      aggregates: v.array(text),
      protocols: v.array(v.picklist(['nfs', 'cifs', 'iscsi', 'fcp', 'nvme'])),
      state: v.picklist(['running', 'stopped']),
      defaultExportClients: v.array(text),
      interfaces: v.array(
        v.strictObject({
          name: text,
          address,
          node: text,
          services: v.array(v.picklist(INTERFACE_SERVICES)),
          enabled: v.boolean(),
        }),
      ),
    }),
  ),
  peers: v.array(v.strictObject({ svm: text, peer: text, applications: v.array(text) })),
  users: v.array(
    v.strictObject({
      name: text,
      password: v.exactOptional(text),
      token: v.exactOptional(v.pipe(text, v.regex(/^\S+$/, 'a token has no spaces'))),
      locked: v.exactOptional(v.boolean()),
      role: v.picklist(['admin', 'readonly', 'vsadmin', 'vsadmin-volume', 'vsadmin-readonly']),
      svm: v.exactOptional(text),
    }),
  ),
};

const topologySchema = v.strictObject(topologyEntries);
/** Something a person wrote is not what it should be; the message names the place. */
export class InputError extends Error {
  readonly path: string;
  readonly reason: string;
  constructor(what: string, path: string, reason: string) {
    super(`${what}: ${path === '' ? '' : `${path}: `}${reason}`);
    this.reason = reason;
    this.name = 'InputError';
    this.path = path;
  }
}

const messageOf = (issue: v.BaseIssue<unknown>): string => {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'there is no such key';
  if (issue.received === 'undefined') return `is missing: ${issue.expected ?? 'a value'} is needed`;
  // A schema's own words come first; these are the library's.
  return /^Invalid \w+: Expected /.test(issue.message) && issue.expected !== null
    ? `${inWords(issue.expected)} is needed, not ${issue.received}`
    : issue.message;
};

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** Where an empty list was read as an object that says nothing, for which the library takes it. */
const findListAsObject = (given: unknown, read: unknown, path: string): string | undefined => {
  if (Array.isArray(given) && !Array.isArray(read)) return path;
  const members = membersOf(given);
  for (const [name, inner] of Object.entries(membersOf(read))) {
    const found = findListAsObject(members[name], inner, path === '' ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Throws an InputError that names the first place that is wrong. */
export const checkInput = <T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T => {
  const result = v.safeParse(schema, value);
  if (result.success) {
    const place = findListAsObject(value, result.output, '');
    if (place !== undefined) throw new InputError(what, place, 'an object is needed, not a list');
    return result.output;
  }
  const issue = result.issues[0];
  throw new InputError(what, v.getDotPath(issue) ?? '', messageOf(issue));
};

/** What a schema expects, in words: `("nfs" | "cifs")` is a choice, `number` a kind. */
const inWords = (expected: string): string => {
  const choices = [...expected.matchAll(/"([^"]*)"/g)].map(([, choice]) => choice);
  return choices.length > 1 ? `one of ${choices.join(', ')}` : expected;
};

const OF_REQUESTS = ['method', 'path', 'query', 'body', 'user'] as const;

/** Rules that strike connections know nothing of requests. */
export const checkConnectionRule = ({ when, then }: FaultRule, what: string, prefix: string) => {
  const given = OF_REQUESTS.find((member) => when[member] !== undefined);
  if (then.type === 'tls' && given !== undefined)
    throw new InputError(
      what,
      `${prefix}when.${given}`,
      'a fault of the type "tls" strikes connections, before there is a request',
    );
};

/** One fault rule; throws an InputError. */
export const parseFaultRule = (value: unknown): FaultRule => {
  const rule = checkInput(faultRule, value, 'fault rule');
  checkConnectionRule(rule, 'fault rule', '');
  return rule;
};

const faultList = v.array(faultRule);
const faultFile = v.strictObject({ faults: faultList });

/** A list of fault rules, or an object with the list under `faults`. */
export const parseFaultRules = (value: unknown): readonly FaultRule[] => {
  const bare = Array.isArray(value);
  const rules = bare ? checkInput(faultList, value, 'fault rules') : checkInput(faultFile, value, 'fault rules').faults;
  rules.forEach((rule, index) => {
    const prefix = `${bare ? '' : 'faults.'}${index}.`;
    checkConnectionRule(rule, 'fault rules', prefix);
    if (rule.name !== undefined && rules.findIndex(({ name }) => name === rule.name) < index)
      throw new InputError('fault rules', `${prefix}name`, `there is another "${rule.name}"`);
  });
  return rules;
};

const clusterChange = v.strictObject({
  personality: v.exactOptional(topologyEntries.cluster.entries.personality),
  version: v.exactOptional(topologyEntries.cluster.entries.version),
});

/** What a running cluster is to become; throws an InputError. */
export const parseClusterChange = (value: unknown): v.InferOutput<typeof clusterChange> =>
  checkInput(clusterChange, value, 'request');

export const parseTopology = (value: unknown): Topology => checkInput(topologySchema, value, 'topology');
