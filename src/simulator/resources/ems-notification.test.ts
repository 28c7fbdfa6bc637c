import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, type OntapSession } from '../../../test/support/ontap-session.ts';

/** Whom the cluster tells of events, and of which. */

const FILTERS = '/support/ems/filters';
const DESTINATIONS = '/support/ems/destinations';
let array: OntapSession;

beforeAll(async () => {
  array = await openOntapSession({});
});
afterAll(async () => {
  array.simulator.world.verify();
  await array.close();
});

/** Type and name pattern of the rules of a filter, in their order. */
const rulesOf = async (filter: string) =>
  (await array.list(`${FILTERS}/${filter}/rules?fields=*`)).map((rule) =>
    [at(rule, 'index'), at(rule, 'type'), at(rule, 'message_criteria', 'name_pattern')].join(' '),
  );
const include = (pattern: string, more: Record<string, unknown> = {}) => ({
  type: 'include',
  message_criteria: { name_pattern: pattern },
  ...more,
});

test('a filter ends with a rule that excludes the rest', async () => {
  await array.expect(201, 'POST', FILTERS, { name: 'f', rules: [include('wafl.*', { index: 1 })] });
  expect(await rulesOf('f')).toEqual(['1 include wafl.*', '2 exclude *']);
  expect(await array.expect(200, 'GET', `${FILTERS}/f?fields=rules`)).toMatchObject({
    rules: [
      {
        index: 1,
        message_criteria: { name_pattern: 'wafl.*', severities: '*', snmp_trap_types: '*' },
        _links: { self: { href: `/api${FILTERS}/f/rules/1` } },
      },
      { index: 2, type: 'exclude' },
    ],
  });
});

test('rules are added, moved and taken away, and keep one order', async () => {
  const rules = `${FILTERS}/f/rules`;
  const added = await array.send('POST', rules, include('raid.*'));
  expect(added).toMatchObject({ status: 201, headers: { location: `/api${rules}/2` } });
  await array.expect(201, 'POST', rules, include('nvram.*', { index: 1 }));
  expect(await rulesOf('f')).toEqual(['1 include nvram.*', '2 include wafl.*', '3 include raid.*', '4 exclude *']);
  await array.expect(200, 'PATCH', `${rules}/1`, { index: 3 });
  expect(await rulesOf('f')).toEqual(['1 include wafl.*', '2 include raid.*', '3 include nvram.*', '4 exclude *']);
  await array.expect(200, 'DELETE', `${rules}/2`);
  expect(await rulesOf('f')).toEqual(['1 include wafl.*', '2 include nvram.*', '3 exclude *']);
  await array.expect(200, 'PATCH', `${FILTERS}/f`, { rules: [include('disk.*')] });
  expect(await rulesOf('f')).toEqual(['1 include disk.*', '2 exclude *']);
  expect(await array.refusal('DELETE', `${rules}/2`)).toBe('409 983091');
  expect(await array.refusal('POST', rules, include('x', { index: 9 }))).toBe('400 983092');
  expect(await array.refusal('PATCH', `${rules}/1`, { index: 2 })).toBe('400 983092');
});

test('what comes with the system stays as it is', async () => {
  expect((await array.list(`${FILTERS}?system_defined=true`)).map((each) => at(each, 'name'))).toEqual([
    'default-trap-events',
    'important-events',
    'no-info-debug-events',
  ]);
  expect(await array.refusal('DELETE', `${FILTERS}/important-events`)).toBe('409 983113');
  expect(await array.refusal('POST', `${FILTERS}/important-events/rules`, include('x'))).toBe('409 983113');
  expect(await array.refusal('PATCH', `${DESTINATIONS}/snmp-traphost`, { destination: 'x' })).toBe('409 983152');
});

test('destinations are told by filters, which then stay', async () => {
  const body = { name: 'd', type: 'syslog', destination: 'logs.example.test', filters: [{ name: 'f' }] };
  await array.expect(201, 'POST', DESTINATIONS, { ...body, syslog: { port: 601, transport: 'tcp_unencrypted' } });
  expect(await array.expect(200, 'GET', `${DESTINATIONS}/d`)).toMatchObject({
    ...body,
    system_defined: false,
    syslog: { port: 601, transport: 'tcp_unencrypted', format: { message: 'legacy_netapp' } },
  });
  expect(await array.refusal('DELETE', `${FILTERS}/f`)).toBe('409 983124');
  await array.expect(200, 'PATCH', `${DESTINATIONS}/d`, { filters: [{ name: 'important-events' }] });
  await array.expect(200, 'DELETE', `${FILTERS}/f`);
  expect(await array.refusal('POST', DESTINATIONS, { ...body, filters: [] })).toBe('409 1');
  const mail = { name: 'm', type: 'email', destination: 'x@example.test' };
  expect(await array.refusal('POST', DESTINATIONS, { ...mail, syslog: { port: 1 } })).toBe('400 983129');
  expect(await array.refusal('POST', DESTINATIONS, { ...mail, filters: [{ name: 'f' }] })).toBe('400 4');
  expect(await array.refusal('POST', DESTINATIONS, { ...mail, colour: 'red' })).toBe('400 262179');
  await array.expect(200, 'DELETE', `${DESTINATIONS}/d`);
});

test('settings are kept, passwords are not shown', async () => {
  await array.expect(200, 'PATCH', '/support/ems', { proxy_url: 'http://p.example.test', proxy_password: 'secret' });
  expect(await array.expect(200, 'GET', '/support/ems?fields=*')).toEqual({
    _links: { self: { href: '/api/support/ems?fields=*' } },
    mail_from: 'admin@localhost',
    mail_server: 'localhost',
    proxy_url: 'http://p.example.test',
    pubsub_enabled: true,
  });
  expect(array.simulator.dump()).not.toContain('"secret"');
});
