import type { Resource } from '../core/declaration.ts';
import { objects, text, type Entry } from '../core/entry.ts';
import { noEntry } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { noPolicy, rulesOf } from './export-policy.ts';
import { CLIENT, clientKey, clientsOf, newClients, nextPlace, withClients } from './export-rule-clients.ts';
import { checkRule, duplicateMatch } from './export-rule-fields.ts';

const POLICY = 'export_policy';
const RULE = 'export_rule';

const ruleOf = (client: Entry, world: World): Entry => world.store.get(RULE, text(client, 'rule'));

/** `/protocols/nfs/export-policies/{policy.id}/rules/{index}/clients`: those of a rule one by one. */
export const exportClient: Resource = {
  kind: CLIENT,
  path: '/protocols/nfs/export-policies/{policy.id}/rules/{index}/clients',
  keys: ['match'],
  order: ['rule', '$place'],
  fields: {
    match: { kind: 'string', key: true, required: true, write: 'create' },
    index: readOnly('integer', { compute: (entry, world) => ruleOf(entry, world)['index'] }),
    policy: readOnly('ref', { to: POLICY, children: ['id', 'name'] }),
    svm: readOnly('ref', { to: 'svm' }),
    // The parent in the path, which is its index there.
    rule: readOnly('ref', { to: RULE, children: ['index'], secret: true, expensive: true }),
  },
  indexes: ['rule', 'svm'],
  noParent: noPolicy,
  parents: (path, world) => {
    const policy = world.store.find(POLICY, path['policy.id']);
    if (!policy) throw noPolicy(path['policy.id'] ?? '');
    const rule = rulesOf(policy.$id, world).find((each) => String(each['index']) === path['index']);
    if (!rule) throw noEntry('index');
    return { policy: policy.$id, rule: rule.$id };
  },
  unique: [{ fields: ['rule', 'match'], refusal: (entry) => duplicateMatch(409, text(entry, 'match')) }],
  inside: [{ kind: RULE, field: 'rule' }],
  // In the states of older simulators rules have their clients in themselves.
  seed: (_, world) => world.store.all(RULE).flatMap((rule) => newClients(rule, objects(rule, 'clients'))),
  identify: (draft) => clientKey(text(draft, 'rule'), text(draft, 'match')),
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const rule = ruleOf(draft, world);
      const clients = clientsOf(rule.$id, world);
      const others = rulesOf(text(rule, 'policy'), world).filter((each) => each.$id !== rule.$id);
      const isThere = clients.some((each) => each['match'] === draft['match']);
      checkRule({ ...rule, clients: isThere ? clients : [...clients, draft] }, withClients(others, world));
      return { ...draft, $place: nextPlace(clients), svm: text(rule, 'svm') };
    },
  },
  remove: {
    asynchronous: false,
    effects: (entry, { world }) => {
      const rule = text(entry, 'rule');
      if (clientsOf(rule, world).length === 1 && world.store.find(RULE, rule)) world.store.remove(RULE, rule);
    },
  },
};
