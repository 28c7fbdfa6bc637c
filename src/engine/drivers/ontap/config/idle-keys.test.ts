import { expect, test } from 'vitest';
import type { JsonObject } from '../../../json.ts';
import { idleKeys } from './idle-keys.ts';
import { parseConfig } from './schema.ts';

const told = (storageDriverName: string, more: JsonObject, { isDocker = false, isAsa = false } = {}) =>
  idleKeys(parseConfig({ version: 1, storageDriverName, ...more }), isDocker, isAsa);

test.each<[string, JsonObject, readonly string[]]>([
  ['ontap-nas', { dataLIF: '10.0.0.5', aggregate: 'a1', limitAggregateUsage: '80%', useCHAP: false, debug: false }, []],
  ['ontap-nas', { lunsPerFlexvol: '100', useCHAP: true }, ['lunsPerFlexvol', 'useCHAP']],
  [
    'ontap-nas-flexgroup',
    { aggregate: 'a1', limitAggregateUsage: '80%', flexgroupAggregateList: ['a1'] },
    ['aggregate', 'limitAggregateUsage'],
  ],
  [
    'ontap-nas-economy',
    { qtreesPerFlexvol: '50', qtreePruneFlexvolsPeriod: '60', replicationPolicy: 'p' },
    ['qtreePruneFlexvolsPeriod', 'replicationPolicy'],
  ],
  ['ontap-san', { dataLIF: '10.0.0.5', autoExportCIDRs: [], sanType: 'fcp', debug: true }, ['debug', 'dataLIF']],
  ['ontap-san-economy', { cloneSplitDelay: '60', denyNewVolumePools: 'true' }, ['cloneSplitDelay']],
])('%s with %j is told about what does nothing', (driver, more, keys) => {
  expect(told(driver, more)).toEqual(keys.map((key) => `${key} has no effect with ${driver}`));
});

test('an igroup for all is for Docker, which knows no nodes', () => {
  const igroup = { igroupName: 'all' };
  expect(told('ontap-san', igroup)).toEqual(['igroupName has no effect: each node has an igroup of its own']);
  expect(told('ontap-san', igroup, { isDocker: true })).toEqual([]);
});

test('options of pools are told with their place', () => {
  const pools = {
    defaults: { mirroring: 'false', skipRecoveryQueue: 'true' },
    storage: [{ zone: 'z' }, { smbShare: 's', defaults: { mirroring: 'true' } }],
  };
  expect(told('ontap-nas', pools)).toEqual([
    'storage[1].smbShare has no effect: all pools use smbShare of the backend',
    'storage[1].defaults.mirroring has no effect: mirrors are established volume by volume',
  ]);
  expect(told('ontap-san', { defaults: pools.defaults }, { isAsa: true })).toEqual([
    'defaults.skipRecoveryQueue has no effect on ASA r2',
  ]);
});
