import { expect, test } from 'vitest';
import type { JsonObject } from '../../../json.ts';
import { Problem } from '../../../problem.ts';
import { virtualPoolKeys } from '../../pool-keys.ts';
import { poolsOf } from '../pools.ts';
import { configChanges } from './changes.ts';
import { checkSettings } from './rules.ts';
import { parseConfig } from './schema.ts';
import { settingsOf } from './settings.ts';
import { shownConfig } from './shown.ts';

const minimal = {
  version: 1,
  storageDriverName: 'ontap-nas',
  managementLIF: '10.0.0.1',
  svm: 'svm0',
  username: 'admin',
  password: 'plantedPassword1',
};
const check = (extra: JsonObject) => checkSettings(settingsOf(parseConfig({ ...minimal, ...extra }), 'csi'));
const problemOf = (run: () => unknown): Problem => {
  try {
    run();
  } catch (error) {
    if (Problem.is(error)) return error;
  }
  throw new Error('no Problem was thrown');
};

test.each<[string, JsonObject, string, readonly (string | number)[]]>([
  ['a misspelt key', { storagePrefx: 'a' }, 'unknown key storagePrefx', ['storagePrefx']],
  ['a misspelt default', { defaults: { spaceReserv: 'none' } }, 'defaults.spaceReserv', ['defaults', 'spaceReserv']],
  [
    'a number as size',
    { defaults: { size: 10 } },
    'must be a string like "10Gi"; put the value in quotes: "10"',
    ['defaults', 'size'],
  ],
  [
    'a boolean as text',
    { defaults: { snapshotDir: false } },
    'put the value in quotes: "false"',
    ['defaults', 'snapshotDir'],
  ],
  ['a text as boolean', { autoExportPolicy: 'true' }, 'without quotes', ['autoExportPolicy']],
  ['ZAPI', { useREST: false }, 'ZAPI', ['useREST']],
  ['no address', { managementLIF: '' }, 'managementLIF: is required', ['managementLIF']],
  ['a URL as address', { managementLIF: 'https://x/y' }, 'is not an address', ['managementLIF']],
  ['a prefix with a digit first', { storagePrefix: '1x' }, 'storagePrefix', ['storagePrefix']],
  ['a prefix that is a number', { storagePrefix: 5 }, 'storagePrefix', ['storagePrefix']],
  ['a bad network', { autoExportCIDRs: ['10.0.0.0/8', '10.0.0.0/33'] }, 'autoExportCIDRs[1]', ['autoExportCIDRs', 1]],
  ['a bad limit', { limitVolumeSize: 'big' }, 'limitVolumeSize', ['limitVolumeSize']],
  ['a bad usage limit', { limitAggregateUsage: '120%' }, 'limitAggregateUsage', ['limitAggregateUsage']],
  [
    'a bad pool',
    { storage: [{}, { defaults: { spaceReserve: 'thick' } }] },
    'storage[1].defaults.spaceReserve',
    ['storage', 1, 'defaults', 'spaceReserve'],
  ],
  [
    'a pool that is too small',
    { storage: [{ defaults: { size: '1Mi' } }] },
    'storage[0].defaults.size',
    ['storage', 0, 'defaults', 'size'],
  ],
  [
    'two QoS policies',
    { defaults: { qosPolicy: 'a' }, storage: [{ defaults: { adaptiveQosPolicy: 'b' } }] },
    'storage[0].defaults.adaptiveQosPolicy',
    ['storage', 0, 'defaults', 'adaptiveQosPolicy'],
  ],
  [
    'a bad security style',
    { defaults: { securityStyle: 'ntfs' } },
    'defaults.securityStyle',
    ['defaults', 'securityStyle'],
  ],
  ['a bad mode', { defaults: { unixPermissions: 'rwx' } }, 'defaults.unixPermissions', ['defaults', 'unixPermissions']],
  [
    'a broken template',
    { defaults: { nameTemplate: '{{.volume.Name' } },
    '{{ without }}',
    ['defaults', 'nameTemplate'],
  ],
  [
    'two ways to log in',
    { clientCertificate: 'LS0tLS1CRUdJTiBY', clientPrivateKey: 'LS0tLS1CRUdJTiBY' },
    'not both',
    ['username'],
  ],
  ['a password without a user', { username: '' }, 'username', ['username']],
  ['the interface of AWS', { aws: { fsxFilesystemID: 'fs-1' } }, 'interface of AWS is not spoken', ['aws']],
  ['ONTAP mode of Google', { gcnv: { poolID: 'p' } }, 'through a proxy of Google', ['gcnv']],
  [
    'a secret of AWS',
    { credentials: { name: 'arn:aws:secretsmanager:eu-west-1:1:secret:x', type: 'awsarn' } },
    'secrets of AWS Secrets Manager are not read',
    ['credentials'],
  ],
  [
    'a secret of AWS as user',
    { username: 'arn:aws:secretsmanager:eu-west-1:1:secret:x' },
    'this names a secret of AWS Secrets Manager',
    ['username'],
  ],
  ['another version', { version: 2 }, 'version', ['version']],
  ['NFS in capitals', { nasType: 'NFS' }, 'nasType', ['nasType']],
  [
    'unnamed credentials',
    { credentials: { type: 'secret' } },
    'credentials `name` field cannot be empty',
    ['credentials', 'name'],
  ],
])('%s is refused, naming the key', (_, extra, message, path) => {
  const problem = problemOf(() => check(extra));
  expect(problem.message).toContain(message);
  expect(problem.path).toEqual(path);
  expect(`${problem.message} ${problem.hint ?? ''}`).not.toContain('plantedPassword1');
});

test('what needs the interface of a cloud is told what to write instead', () => {
  const hintOf = (extra: JsonObject) => problemOf(() => check(extra)).hint;
  const instead =
    'write managementLIF (the management endpoint of the SVM or file system), svm, and username and password';
  expect(hintOf({ aws: {} })).toContain(`leave aws out; ${instead}`);
  expect(hintOf({ credentials: { name: 'arn:aws:x', type: 'awsarn' } })).toContain(`leave credentials out; ${instead}`);
  expect(hintOf({ username: 'arn:aws:secretsmanager:x' })).toBe('write the name and password of the user themselves');
  expect(hintOf({ gcnv: {} })).toContain('needs NetApp’s own Trident');
});

test('a misspelt key comes with the one that was meant', () => {
  expect(problemOf(() => check({ managementLIFF: 'x' })).hint).toBe('did you mean managementLIF?');
});

test.each<[JsonObject, string]>([
  [{ snapshotDir: 'true' }, 'snapshotDir belongs under defaults, of the backend or of a pool'],
  [{ defaults: { svm: 'x' } }, 'svm belongs at the top of the configuration'],
  [{ storage: [{ labels: {}, managementLIF: 'x' }] }, 'managementLIF belongs at the top of the configuration'],
])('a key in the wrong place comes with the right one: %j', (extra, hint) => {
  expect(problemOf(() => check(extra)).hint).toBe(hint);
});

test.each<[string, JsonObject]>([
  ['nothing special', {}],
  [
    'what stock accepts without use',
    { igroupName: 'x', lunsPerFlexvol: '100', flags: { a: 'b' }, storagePrefix: {}, labels: null },
  ],
  ['an empty prefix', { storagePrefix: '' }],
  ['a port', { managementLIF: 'array.example:8443' }],
  ['IPv6', { managementLIF: 'fd00::1' }],
  ['credentials by name', { username: '', password: '', credentials: { name: 'secret1' } }],
])('%s is accepted', (_, extra) => {
  expect(() => check(extra)).not.toThrow();
});

test('defaults are filled in, and pools inherit', () => {
  const settings = settingsOf(
    parseConfig({
      ...minimal,
      labels: { a: '1', b: '1' },
      zone: 'z1',
      defaults: { snapshotPolicy: 'default', size: '2Gi' },
      storage: [
        { labels: { b: '2' }, defaults: { size: '3Gi' } },
        { zone: 'z2', defaults: { snapshotPolicy: 'none' } },
      ],
    }),
    'csi',
  );
  expect(settings).toMatchObject({
    prefix: 'trident_',
    nasType: 'nfs',
    cloneSplitDelaySeconds: 86_400,
    autoExportCIDRs: ['0.0.0.0/0', '::/0'],
  });
  const [first, second] = settings.virtualPools;
  expect(first).toMatchObject({
    labels: { a: '1', b: '2' },
    zone: 'z1',
    options: { size: '3Gi', snapshotPolicy: 'default', snapshotReserve: '5' },
  });
  expect(second).toMatchObject({
    zone: 'z2',
    options: { size: '2Gi', snapshotPolicy: 'none', unixPermissions: '---rwxrwxrwx' },
  });
});

test('export rules are not kept for Docker', () => {
  expect(settingsOf(parseConfig({ ...minimal, autoExportPolicy: true }), 'docker').autoExportPolicy).toBe(false);
  expect(settingsOf(parseConfig({ ...minimal, autoExportPolicy: true }), 'csi').backend.options.exportPolicy).toBe(
    '<automatic>',
  );
});

test('the order of keys and pools does not change what a pool is', () => {
  const [a, b] = virtualPoolKeys([{ zone: 'z', labels: { x: '1', y: '2' } }, { region: 'r' }]);
  expect(virtualPoolKeys([{ region: 'r' }, { labels: { y: '2', x: '1' }, zone: 'z' }])).toEqual([b, a]);
  expect(new Set(virtualPoolKeys([{}, {}, {}])).size).toBe(3);
});

const facts = {
  svm: { uuid: 'u', name: 'svm0' },
  version: { generation: 9, major: 17, minor: 1 },
  sanOptimized: false,
  disaggregated: false,
  lifs: ['10.0.0.5'],
  dataLIF: '10.0.0.5',
  aggregates: [
    { name: 'a1', media: 'ssd' },
    { name: 'a2', media: 'hdd' },
  ],
  svmAggregates: ['a1', 'a2'],
  serialNumbers: [],
  lifNodes: {},
  targetName: '',
  chap: '',
  foundAt: 0,
  clockOffsetMs: 0,
};

test('pools are aggregates, or the virtual ones', () => {
  const physical = poolsOf(settingsOf(parseConfig(minimal), 'csi'), facts, 'b', true);
  expect(physical.map((pool) => [pool.name, pool.offers['media']])).toEqual([
    ['a1', { type: 'string', offer: ['ssd'] }],
    ['a2', { type: 'string', offer: ['hdd'] }],
  ]);
  const virtual = poolsOf(
    settingsOf(parseConfig({ ...minimal, storage: [{ zone: 'z', defaults: { encryption: 'false' } }] }), 'csi'),
    facts,
    'b',
    false,
  );
  expect(virtual).toHaveLength(1);
  expect(virtual[0]).toMatchObject({
    name: 'b_pool_0',
    offers: {
      encryption: { type: 'bool', offer: false },
      media: { type: 'string', offer: ['hdd', 'ssd'] },
      zone: { type: 'string', offer: ['z'] },
      replication: { type: 'bool', offer: false },
    },
  });
});

test('the shown configuration has every key and no secret', () => {
  const settings = settingsOf(parseConfig({ ...minimal, labels: { tier: 'gold' }, clientCertificate: '' }), 'csi');
  const shown = shownConfig(settings, {
    dataLIF: '10.0.0.5',
    svm: 'svm0',
    svmUUID: 'u',
    aggregates: ['a1'],
    serialNumbers: ['1'],
    sanOptimized: false,
    disaggregated: false,
  });
  expect(JSON.stringify(shown)).not.toMatch(/plantedPassword1|"admin"/);
  expect(shown).toMatchObject({
    storagePrefix: 'trident_',
    username: '<REDACTED>',
    password: '<REDACTED>',
    chapUsername: '<REDACTED>',
    clientPrivateKey: '<REDACTED>',
    credentials: { name: '<REDACTED>', type: '<REDACTED>' },
    dataLIF: '10.0.0.5',
    labels: { tier: 'gold' },
    storage: null,
    useREST: null,
    defaults: {
      size: '1G',
      snapshotPolicy: 'none',
      snapshotReserve: '',
      unixPermissions: '---rwxrwxrwx',
      exportPolicy: 'default',
      securityStyle: 'unix',
    },
  });
  expect(Object.keys(shown)).toHaveLength(55);
});

test('changes are told apart', () => {
  const before = parseConfig(minimal);
  const changed = (extra: JsonObject) => [...configChanges(before, parseConfig({ ...minimal, ...extra }))];
  expect(changed({ dataLIF: '1.2.3.4' })).toEqual([]);
  expect(changed({ storagePrefix: 'x' })).toEqual(['prefix']);
  expect(changed({ password: 'other', backendName: 'n' })).toEqual(['rename', 'password']);
  expect(changed({ storageDriverName: 'ontap-san' })).toEqual(['invalid']);
});

test('a backend for LUNs does not become one for namespaces, and one for iSCSI may become one for FC', () => {
  const withType = (sanType: string) => parseConfig({ ...minimal, storageDriverName: 'ontap-san', sanType });
  expect([...configChanges(withType('iscsi'), withType('NVMe'))]).toEqual(['invalid']);
  expect([...configChanges(withType('iscsi'), withType('fcp'))]).toEqual([]);
  expect([...configChanges(withType('nvme'), withType('NVME'))]).toEqual([]);
});
