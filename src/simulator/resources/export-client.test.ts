import { afterEach, beforeEach, expect, it } from 'vitest';
import { at, openOntapSession, type OntapSession } from '../../../test/support/ontap-session.ts';

/** The clients of an export rule as a collection of their own. */

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({});
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const rule = (...matches: readonly string[]) => ({
  clients: matches.map((match) => ({ match })),
  ro_rule: ['any'],
  rw_rule: ['any'],
});

/** Path of the rules of a new policy. */
const newPolicy = async (name: string, ...rules: readonly unknown[]) => {
  const body = { name, svm: { name: 'svm0' }, rules };
  const made = await array.expect(201, 'POST', '/protocols/nfs/export-policies?return_records=true', body);
  return `/protocols/nfs/export-policies/${String(at(made, 'records', 0, 'id'))}/rules`;
};

const inRule = async (path: string) => {
  const found = at(await array.expect(200, 'GET', `${path}?fields=clients`), 'clients');
  return Array.isArray(found) ? found.map((client: unknown) => at(client, 'match')) : [];
};

it('shows the clients of the rule, in their order', async () => {
  const rules = await newPolicy('p', rule('10.1.0.0/16', '@trusted', 'host.example.test'));
  const found = await array.list(`${rules}/1/clients?fields=*`);
  expect(found).toMatchObject([
    { match: '10.1.0.0/16', index: 1, policy: { name: 'p' }, svm: { name: 'svm0' } },
    { match: '@trusted' },
    { match: 'host.example.test' },
  ]);
  const href = at(found, 0, '_links', 'self', 'href');
  expect(href).toBe(`/api${rules}/1/clients/10.1.0.0%2F16`);
  expect(await array.expect(200, 'GET', String(href).slice('/api'.length))).toMatchObject({ match: '10.1.0.0/16' });
  expect(await array.list(`${rules}/1/clients?match=@*`)).toMatchObject([{ match: '@trusted' }]);
  // They follow the rule to another index.
  await array.expect(200, 'PATCH', `${rules}/1?new_index=4`, {});
  expect(await array.list(`${rules}/4/clients`)).toHaveLength(3);
});

it('adds clients to the rule, and takes them away', async () => {
  const rules = await newPolicy('p', rule('10.0.0.1'));
  const added = await array.send('POST', `${rules}/1/clients?return_records=true`, { match: '10.1.0.0/16' });
  expect(added).toMatchObject({ status: 201, body: { num_records: 1, records: [{ match: '10.1.0.0/16', index: 1 }] } });
  expect(added.headers['location']).toBe(`/api${rules}/1/clients/10.1.0.0%2F16`);
  await array.expect(202, 'POST', `${rules}/1/clients`, { records: [{ match: '@a' }, { match: '@b' }] });
  expect(await inRule(`${rules}/1`)).toEqual(['10.0.0.1', '10.1.0.0/16', '@a', '@b']);
  await array.expect(200, 'DELETE', `${rules}/1/clients/10.1.0.0%2F16`);
  expect(await inRule(`${rules}/1`)).toEqual(['10.0.0.1', '@a', '@b']);
  await array.expect(200, 'PATCH', `${rules}/1`, rule('10.0.0.9'));
  expect(await array.list(`${rules}/1/clients`)).toMatchObject([{ match: '10.0.0.9' }]);
  // A rule without clients applies to nobody and goes.
  await array.expect(200, 'DELETE', `${rules}/1/clients/10.0.0.9`);
  expect(await array.list(rules)).toEqual([]);
});

it('refuses clients that are no clients, are there, or make a rule that is there', async () => {
  const rules = await newPolicy('p', rule('10.0.0.1'), rule('10.0.0.1', '10.0.0.2'));
  const post = (match: string, index = 1) => array.refusal('POST', `${rules}/${index}/clients`, { match });
  expect(await post('10.0.0.1')).toBe('409 1704050');
  expect(await post('10.0.0.2')).toBe('409 1704070');
  expect(await post('10.0.0.1/8')).toBe('400 1704040');
  expect(await post('host name')).toBe('400 1704045');
  expect(await post('10.0.0.3', 7)).toBe('404 4');
  expect(await array.refusal('POST', `${rules}/1/clients`, {})).toBe('400 262212');
  expect(await array.refusal('POST', `${rules}/1/clients`, { match: '@a', name: 'x' })).toBe('400 262179');
  expect(await array.refusal('PATCH', `${rules}/1/clients/10.0.0.1`, { match: '@a' })).toBe('405 3');
  expect(await array.refusal('DELETE', `${rules}/1/clients/10.0.0.5`)).toBe('404 4');
  expect(await array.refusal('GET', '/protocols/nfs/export-policies/1/rules/1/clients')).toBe('404 1703954');
  expect(await array.refusal('POST', rules, rule('@a', '@a'))).toBe('400 1704050');
  expect(await array.refusal('POST', rules, rule())).toBe('400 262212');
  expect(await array.refusal('PATCH', `${rules}/1`, { clients: [] })).toBe('400 262212');
});

it('goes with the rule and the policy, and is the own of its SVM', async () => {
  const rules = await newPolicy('p', rule('10.0.0.1'), rule('10.0.0.2'));
  const policy = rules.slice(0, -'/rules'.length);
  const scoped = await array.sendAs('vsadmin', 'GET', `${rules}/1/clients`);
  expect(scoped).toMatchObject({ status: 200, body: { num_records: 1 } });
  const other = { name: 'o', svm: { name: 'svm_dr' }, rules: [rule('@o')] };
  const made = await array.expect(201, 'POST', '/protocols/nfs/export-policies?return_records=true', other);
  const foreign = `/protocols/nfs/export-policies/${String(at(made, 'records', 0, 'id'))}/rules/1/clients`;
  expect((await array.sendAs('vsadmin', 'POST', foreign, { match: '@x' })).status).toBe(404);
  expect((await array.sendAs('vsadmin', 'GET', foreign)).status).toBe(404);
  await array.expect(200, 'DELETE', `${rules}/1`);
  expect(await array.refusal('GET', `${rules}/1/clients`)).toBe('404 4');
  await array.expect(200, 'DELETE', policy);
  expect(await array.refusal('GET', `${rules}/2/clients`)).toBe('404 1703954');
});

it('is found in the rules of a state that an older simulator left', async () => {
  const rules = await newPolicy('p', rule('10.0.0.1', '@a'));
  const state: unknown = JSON.parse(array.simulator.dump());
  const tables = at(state, 'tables');
  if (typeof state !== 'object' || typeof tables !== 'object' || tables === null) throw new Error('no tables');
  const { export_client: clients, ...others } = Object.fromEntries(Object.entries(tables));
  const records = Object.values(others['export_rule']).map((each: unknown) => ({
    ...(typeof each === 'object' ? each : {}),
    clients: Object.values(clients).filter((client: unknown) => at(client, 'rule') === at(each, '$id')),
  }));
  array.simulator.restore(JSON.stringify({ ...state, tables: { ...others, export_rule: records } }));
  expect(await inRule(`${rules}/1`)).toEqual(['10.0.0.1', '@a']);
  expect(await array.list(`${rules}/1/clients`)).toHaveLength(2);
});
