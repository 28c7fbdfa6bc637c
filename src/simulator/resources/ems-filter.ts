import type { Fields, Resource } from '../core/declaration.ts';
import { flag, integer, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { defaultsOf } from '../core/field-lists.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { existsAlready, readOnly, unmodelled } from './common.ts';

const FILTER = 'ems_filter';
const RULE = 'ems_filter_rule';

/** What each filter ends with. */
const REST: StoredObject = { type: 'exclude', $last: true };

const BUILT_IN: Readonly<Record<string, readonly StoredObject[]>> = {
  'default-trap-events': [
    { type: 'include', 'message_criteria.severities': 'emergency,alert' },
    { type: 'include', 'message_criteria.snmp_trap_types': 'standard,built_in' },
  ],
  'important-events': [
    { type: 'include', 'message_criteria.severities': 'emergency,alert' },
    { type: 'include', 'message_criteria.name_pattern': 'callhome.*', 'message_criteria.severities': 'error' },
  ],
  'no-info-debug-events': [{ type: 'include', 'message_criteria.severities': 'emergency,alert,error,notice' }],
};

const RULE_FIELDS: Fields = {
  index: { kind: 'integer', minimum: 1 },
  type: { kind: 'enum', values: ['include', 'exclude'], required: true },
  'message_criteria.name_pattern': { kind: 'string', default: '*' },
  'message_criteria.severities': { kind: 'string', default: '*' },
  'message_criteria.snmp_trap_types': { kind: 'string', default: '*' },
  parameter_criteria: {
    kind: 'objects',
    since: '9.13.1',
    of: { name_pattern: { kind: 'string', default: '*' }, value_pattern: { kind: 'string', default: '*' } },
  },
};

const builtIn = () => new Refusal(409, 983113, 'Default filters cannot be modified or removed.', 'name');

const outOfRange = (rules: number) => new Refusal(400, 983092, `The filter has ${rules} rules.`, 'index');

const rulesOf = (filter: string, world: World): readonly Entry[] => world.store.by(RULE, FILTER, filter);

/** Gives the rules of a filter their numbers, in an order. */
const number = (rules: readonly Entry[], world: World) => {
  for (const [at, rule] of rules.entries())
    if (integer(rule, 'index') !== at + 1) world.store.change(RULE, rule.$id, { index: at + 1 });
};

/** Makes these the rules of a filter, before the one that excludes the rest. */
const replaceRules = (filter: string, rules: readonly StoredObject[], world: World) => {
  for (const rule of rulesOf(filter, world)) world.store.remove(RULE, rule.$id);
  const inOrder = rules.toSorted((a, b) => (integer(a, 'index') || Infinity) - (integer(b, 'index') || Infinity));
  for (const [at, rule] of [...inOrder, REST].entries())
    world.store.put(RULE, {
      ...defaultsOf(RULE_FIELDS),
      ...rule,
      $id: world.random.uuid(RULE),
      index: at + 1,
      [FILTER]: filter,
    });
};

const settleRules = (filter: Entry, world: World) => {
  if (filter['$rules'] === undefined) return;
  replaceRules(filter.$id, objects(filter, '$rules'), world);
  world.store.change(FILTER, filter.$id, { $rules: undefined });
};

/** `/support/ems/filters`: which events destinations are told of. */
export const emsFilter: Resource = {
  kind: FILTER,
  path: '/support/ems/filters',
  keys: ['name'],
  clusterOnly: true,
  fields: {
    name: { kind: 'string', write: 'create', key: true, required: true, maxLength: 64 },
    rules: { kind: 'objects', to: RULE, of: RULE_FIELDS, compute: (entry, world) => shownRules(entry.$id, world) },
    system_defined: readOnly('boolean', { since: '9.10.1', compute: (entry) => flag(entry, 'system_defined') }),
    ...unmodelled('access_control_role'),
  },
  unique: [{ fields: ['name'], refusal: existsAlready('A filter', 1) }],
  identify: (draft) => text(draft, 'name'),
  create: {
    asynchronous: false,
    prepare: ({ rules, ...draft }) => ({ ...draft, $id: draft.$id, $rules: rules ?? [] }),
    effects: (entry, { world }) => settleRules(entry, world),
  },
  modify: {
    asynchronous: false,
    prepare: ({ rules, ...changes }, before) => {
      if (flag(before, 'system_defined')) throw builtIn();
      return rules === undefined ? changes : { ...changes, $rules: rules };
    },
    effects: (entry, _before, { world }) => settleRules(entry, world),
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (flag(entry, 'system_defined')) throw builtIn();
      const user = world.store
        .all('ems_destination')
        .find(({ filters }) => Array.isArray(filters) && filters.includes(entry.$id));
      if (user)
        throw new Refusal(409, 983124, `The filter is referenced by the destination "${text(user, 'name')}".`, 'name');
    },
  },
  seed: (_, world) =>
    Object.entries(BUILT_IN).map(([name, rules]) => {
      replaceRules(name, rules, world);
      return { $id: name, name, system_defined: true };
    }),
};

const shownRules = (filter: string, world: World): readonly StoredObject[] =>
  rulesOf(filter, world).map((rule) => ({ ...rule, $ref: rule.$id }));

const checkChangeable = (rule: Entry, world: World) => {
  if (flag(world.store.get(FILTER, text(rule, FILTER)), 'system_defined')) throw builtIn();
  if (flag(rule, '$last')) throw new Refusal(409, 983091, 'The last rule of a filter excludes the rest.', 'index');
};

/** `/support/ems/filters/{name}/rules`, one by one. */
export const emsFilterRule: Resource = {
  kind: RULE,
  path: '/support/ems/filters/{ems_filter.name}/rules',
  keys: ['index'],
  order: [FILTER, 'index'],
  clusterOnly: true,
  fields: {
    ...RULE_FIELDS,
    index: { kind: 'integer', minimum: 1, key: true },
    [FILTER]: readOnly('ref', { to: FILTER, children: ['name'], secret: true, expensive: true }),
  },
  indexes: [FILTER],
  inside: [{ kind: FILTER, field: FILTER }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      checkChangeable(draft, world);
      const last = rulesOf(text(draft, FILTER), world).length;
      const index = integer(draft, 'index') || last;
      if (index > last) throw outOfRange(last);
      // Before the one that has the number now.
      return { ...draft, index: index - 0.5 };
    },
    effects: (entry, { world }) => number(rulesOf(text(entry, FILTER), world), world),
  },
  modify: {
    asynchronous: false,
    prepare: ({ index, ...changes }, before, { world }) => {
      checkChangeable(before, world);
      if (typeof index !== 'number' || index === before['index']) return changes;
      const last = rulesOf(text(before, FILTER), world).length;
      if (index >= last) throw outOfRange(last);
      return { ...changes, index: index + (index < integer(before, 'index') ? -0.5 : 0.5) };
    },
    effects: (entry, _before, { world }) => number(rulesOf(text(entry, FILTER), world), world),
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => checkChangeable(entry, world),
    effects: (entry, { world }) =>
      number(
        rulesOf(text(entry, FILTER), world).filter((rule) => rule.$id !== entry.$id),
        world,
      ),
  },
};
