import type { Resource } from '../core/declaration.ts';
import { integer, objects, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { clientsOf, putClients, withClients } from './export-rule-clients.ts';
import { noPolicy, rulesOf } from './export-policy.ts';
import { makeRoom } from './positions.ts';
import { checkRule, ruleFields } from './export-rule-fields.ts';

const RULE = 'export_rule';

const othersOf = (rule: Entry, world: World): readonly Entry[] =>
  rulesOf(text(rule, 'policy'), world).filter((each) => each.$id !== rule.$id);

/** The clients of a request wait in the rule until it is done. */
const settleClients = (rule: Entry, world: World) => {
  if (rule['$clients'] === undefined) return;
  putClients(rule, objects(rule, '$clients'), world);
  world.store.change(RULE, rule.$id, { $clients: undefined });
};

/** `/protocols/nfs/export-policies/{policy.id}/rules`, addressed by index. */
export const exportRule: Resource = {
  kind: RULE,
  path: '/protocols/nfs/export-policies/{policy.id}/rules',
  keys: ['index'],
  order: ['policy', 'index'],
  fields: {
    ...ruleFields,
    index: { kind: 'integer', key: true },
    policy: {
      kind: 'ref',
      to: 'export_policy',
      children: ['id', 'name'],
      expensiveChildren: ['name'],
      write: 'never',
      key: true,
    },
    svm: { kind: 'ref', to: 'svm', write: 'never', key: true },
  },
  indexes: ['policy', 'svm'],
  inside: [{ kind: 'export_policy', field: 'policy' }],
  parameters: { modify: ['new_index'] },
  noParent: noPolicy,
  create: {
    asynchronous: false,
    prepare: ({ clients, ...draft }, { world }) => {
      const policy = world.store.get('export_policy', text(draft, 'policy'));
      const rules = rulesOf(policy.$id, world);
      checkRule({ ...draft, clients }, withClients(rules, world));
      const index =
        draft['index'] === undefined
          ? rules.reduce((greatest, rule) => Math.max(greatest, integer(rule, 'index')), 0) + 1
          : integer(draft, 'index');
      return { ...draft, $id: draft.$id, index, svm: text(policy, 'svm'), $clients: clients };
    },
    effects: (entry, { world }) => {
      makeRoom(RULE, othersOf(entry, world), integer(entry, 'index'), world);
      settleClients(entry, world);
    },
  },
  modify: {
    asynchronous: false,
    mayBeEmpty: ({ parameters }) => parameters['new_index'] !== undefined,
    prepare: ({ clients, ...others }, before, { world, parameters }) => {
      const after = { ...before, ...others, clients: clients ?? clientsOf(before.$id, world) };
      checkRule(after, withClients(othersOf(before, world), world));
      const changes = clients === undefined ? others : { ...others, $clients: clients };
      const wanted = parameters['new_index'] ?? changes['index'];
      if (wanted === undefined) return changes;
      const index = Number(wanted);
      if (!Number.isInteger(index) || index < 1)
        throw new Refusal(400, 3277162, 'The index of a rule starts at 1.', 'new_index');
      return { ...changes, index };
    },
    effects: (after, before, { world }) => {
      if (after['index'] !== before['index']) makeRoom(RULE, othersOf(after, world), integer(after, 'index'), world);
      settleClients(after, world);
    },
  },
  remove: { asynchronous: false },
};
