import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../orchestrator/model.ts';
import {
  automaticSnapshotName,
  checkVolumeName,
  completeTemplate,
  emptyPolicyName,
  internalName,
  longestVolumeName,
} from './names.ts';
import type { NameContext } from './names.ts';
import { templateConfig } from './template-config.ts';

const context: NameContext = {
  prefix: 'trident_',
  passThrough: false,
  nameTemplate: '',
  labels: {},
  config: templateConfig(
    {
      storageDriverName: 'ontap-nas',
      svm: 'svm-a',
      storagePrefix: 'trident_',
      zone: '',
      labels: { city: 'Bonn' },
      defaults: { size: '1G' },
    },
    'nas-1',
  ),
};
const named = (name: string) => ({ ...emptyVolumeConfig, name });

test.each([
  ['trident_', 'pvc-1234', 'trident_pvc_1234'],
  ['trident_', 'a.b-c', 'trident_a_b_c'],
  ['', 'pvc-1234', 'pvc_1234'],
  ['my.', 'v1', 'my_v1'],
  ['x--', 'y__z', 'x_y_z'],
])('with prefix %j the volume %s is %s on the array', (prefix, name, expected) => {
  expect(internalName(named(name), { ...context, prefix })).toBe(expected);
});

test('Docker names lead back to volumes', () => {
  expect(internalName(named('my-vol'), { ...context, prefix: 'netappdvp_', passThrough: true })).toBe(
    'netappdvp_my-vol',
  );
});

test('a template names the volume', () => {
  const nameTemplate = '{{.volume.Namespace}}_{{.labels.tier}}_{{.volume.Name}}';
  const config = { ...named('pvc-77'), namespace: 'team-a' };
  expect(internalName(config, { ...context, nameTemplate, labels: { tier: 'gold&blue' } })).toBe(
    'team_a_gold_amp_blue_pvc_77',
  );
});

test('a template without the name gets a part of it', () => {
  const nameTemplate = completeTemplate('{{.config.BackendName}}');
  expect(internalName(named('pvc-12345678'), { ...context, nameTemplate })).toBe('nas_1_12345');
});

test('a template may use every field of the configuration and of the request', () => {
  const nameTemplate =
    '{{.config.SVM}}_{{.config.StorageDriverName}}_{{.config.Zone}}{{.config.Size}}_{{.config.Labels.city}}{{.config.Labels.no}}_{{.volume.FileSystem}}_{{.volume.SnapshotDir}}_{{.volume.Name}}';
  const config = { ...named('pvc-1'), fileSystem: 'xfs', snapshotDirectory: 'true' };
  expect(internalName(config, { ...context, nameTemplate })).toBe('svm_a_ontap_nas_1G_Bonn_xfs_true_pvc_1');
});

test.each(['{{.volume.Nothing}}{{.volume.Name}}', '{{slice .volume.Name 4 99}}', '7{{.volume.Name}}', '{{if}}'])(
  'the usual name takes the place of a template that fails: %s',
  (nameTemplate) => {
    expect(internalName(named('pvc-1'), { ...context, nameTemplate })).toBe('trident_pvc_1');
  },
);

test('what Kubernetes allows as a name gives a name ONTAP allows', () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, (text) => {
      checkVolumeName(internalName(named(text), context), longestVolumeName);
    }),
  );
  expect.assertions(0);
});

test.each([
  ['1abc', 'must start with'],
  ['a-b', 'only letters'],
  ['x'.repeat(204), '204 characters'],
])('ONTAP would refuse %s', (name, why) => {
  expect(() => checkVolumeName(name, longestVolumeName)).toThrow(why);
});

test('other names', () => {
  expect(emptyPolicyName('trident_')).toBe('trident_empty');
  expect(emptyPolicyName('')).toBe('empty');
  expect(automaticSnapshotName(new Date('2026-02-03T04:05:06.789Z'), () => 0)).toBe('20260203T040506Zaaaaaa');
});
