import type { Resource } from '../core/declaration.ts';
import { integer, text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { makeRoom, rulesOf } from './export-policy.ts';
import { checkRule, ruleFields } from './export-rule-fields.ts';

const RULE = 'export_rule';

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
  parameters: { modify: ['new_index'] },
  noParent: (given) => new Refusal(404, 1703954, `Export policy "${given}" does not exist.`, 'policy.id'),
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const policy = world.store.get('export_policy', text(draft, 'policy'));
      const rules = rulesOf(policy.$id, world);
      checkRule(draft, rules);
      const index =
        draft['index'] === undefined
          ? rules.reduce((greatest, rule) => Math.max(greatest, integer(rule, 'index')), 0) + 1
          : integer(draft, 'index');
      return { ...draft, index, svm: text(policy, 'svm') };
    },
    effects: (entry, { world }) => {
      makeRoom(
        rulesOf(text(entry, 'policy'), world).filter((rule) => rule.$id !== entry.$id),
        integer(entry, 'index'),
        world,
      );
    },
  },
  modify: {
    asynchronous: false,
    mayBeEmpty: ({ parameters }) => parameters['new_index'] !== undefined,
    prepare: (changes, before, { world, parameters }) => {
      const others = rulesOf(text(before, 'policy'), world).filter((rule) => rule.$id !== before.$id);
      checkRule({ ...before, ...changes }, others);
      const wanted = parameters['new_index'] ?? changes['index'];
      if (wanted === undefined) return changes;
      const index = Number(wanted);
      if (!Number.isInteger(index) || index < 1)
        throw new Refusal(400, 3277162, 'The index of a rule starts at 1.', 'new_index');
      return { ...changes, index };
    },
    effects: (after, before, { world }) => {
      if (after['index'] === before['index']) return;
      makeRoom(
        rulesOf(text(after, 'policy'), world).filter((rule) => rule.$id !== after.$id),
        integer(after, 'index'),
        world,
      );
    },
  },
  remove: { asynchronous: false },
};
