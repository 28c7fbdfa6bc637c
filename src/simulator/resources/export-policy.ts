import { dropContents } from '../core/contents.ts';
import type { Context, Resource } from '../core/declaration.ts';
import { integer, isStoredObject, list, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { putClients, withClients } from './export-rule-clients.ts';
import { checkRule, ruleFields, ruleValues } from './export-rule-fields.ts';
import { makeRoom } from './positions.ts';
import { nameField, requiredSvm } from './common.ts';

const POLICY = 'export_policy';
const RULE = 'export_rule';
const SHIFT = 2 ** 32;

/** Numbers of policies run per SVM: (SVM number << 32) + n; the first is `default`. */
const nextId = (svmId: string, world: World): number => {
  const svm = world.store.get('svm', svmId);
  const count = integer(svm, '$policies') + 1;
  world.store.change('svm', svmId, { $policies: count });
  return integer(svm, '$number') * SHIFT + count;
};

/** When the policy in a path is not there. */
export const noPolicy = (given: string): Refusal =>
  new Refusal(404, 1703954, `Export policy "${given}" does not exist.`, 'policy.id');

export const rulesOf = (policy: string, world: World): readonly Entry[] => world.store.by(RULE, 'policy', policy);

/** Puts a rule at an index; those from there on move up by one. Without an index it goes to the end. */
const addRule = (policy: Entry, rule: StoredObject, world: World): Entry => {
  const rules = rulesOf(policy.$id, world);
  const last = rules.reduce((greatest, each) => Math.max(greatest, integer(each, 'index')), 0);
  const index = rule['index'] === undefined ? last + 1 : integer(rule, 'index');
  checkRule(rule, withClients(rules, world));
  makeRoom(RULE, rules, index, world);
  const id = world.random.uuid(RULE);
  const { clients: _clients, ...values } = ruleValues(rule);
  const entry: Entry = { ...values, $id: id, index, policy: policy.$id, svm: text(policy, 'svm') };
  world.store.put(RULE, entry);
  putClients(entry, objects(rule, 'clients'), world);
  return entry;
};

const replaceRules = (policy: Entry, rules: readonly StoredObject[], world: World) => {
  dropContents(POLICY, policy.$id, world);
  for (const rule of rules) addRule(policy, rule, world);
};

const storedRules = (policy: StoredObject): readonly StoredObject[] => list(policy, '$rules').filter(isStoredObject);

const applyRules = (policy: Entry, { world }: Context) => {
  if (policy['$rules'] === undefined) return;
  replaceRules(policy, storedRules(policy), world);
  world.store.change(POLICY, policy.$id, { $rules: undefined });
};

/** The policy that every SVM has from its first moment. */
export const addDefaultExportPolicy = (svm: Entry, world: World, clients: readonly string[]): void => {
  const id = nextId(svm.$id, world);
  const policy: Entry = { $id: String(id), id, name: 'default', svm: svm.$id };
  world.store.put(POLICY, policy);
  if (clients.length > 0)
    addRule(policy, { clients: clients.map((match) => ({ match })), ro_rule: ['any'], rw_rule: ['any'] }, world);
};

const checkName = (name: string) => {
  if (/\s/.test(name))
    throw new Refusal(400, 1704047, `The export policy name "${name}" must not contain spaces.`, 'name');
};

const GREATEST_SHOWN = 500;

export const exportPolicy: Resource = {
  kind: POLICY,
  path: '/protocols/nfs/export-policies',
  keys: ['id'],
  order: ['id'],
  fields: {
    id: { kind: 'integer', write: 'never', key: true },
    name: {
      ...nameField,
      maxLength: 256,
      refusal: (name) => new Refusal(400, 1703952, `The export policy name "${name}" is too long.`, 'name'),
    },
    svm: requiredSvm,
    rules: {
      kind: 'objects',
      of: ruleFields,
      compute: (entry, world) => rulesOf(entry.$id, world).slice(0, GREATEST_SHOWN),
    },
    are_rules_truncated: {
      kind: 'boolean',
      write: 'never',
      since: '9.15.1',
      compute: (entry, world) => rulesOf(entry.$id, world).length > GREATEST_SHOWN,
    },
  },
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'name'],
      refusal: (entry) =>
        new Refusal(
          409,
          1,
          `An export policy with the name "${text(entry, 'name')}" already exists in the SVM.`,
          'name',
        ),
    },
  ],
  identify: (draft, world) => String(nextId(text(draft, 'svm'), world)),
  unknown: (given, field) => new Refusal(400, 1703954, `Export policy "${given}" does not exist.`, field),
  create: {
    asynchronous: false,
    prepare: (draft) => {
      checkName(text(draft, 'name'));
      const { rules, ...policy } = draft;
      const wanted = rules === undefined ? {} : { $rules: rules };
      return { ...policy, ...wanted, $id: draft.$id, id: Number(draft.$id) };
    },
    effects: applyRules,
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      const { rules, ...others } = changes;
      const { name } = changes;
      if (typeof name === 'string') {
        checkName(name);
        if (text(before, 'name') === 'default')
          throw new Refusal(400, 1703948, 'The default export policy cannot be renamed.', 'name');
      }
      return rules === undefined ? others : { ...others, $rules: rules };
    },
    effects: (after, _before, context) => applyRules(after, context),
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (text(entry, 'name') === 'default')
        throw new Refusal(409, 1703947, 'The default export policy cannot be deleted.');
      const [volume] = world.store.by('volume', 'nas.export_policy', entry.$id);
      if (volume)
        throw new Refusal(
          409,
          1703945,
          `The export policy "${text(entry, 'name')}" is in use by volume "${text(volume, 'name')}".`,
        );
    },
  },
};
