import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { volumeConfig, volumeExternal } from '../../client/wire/volume.ts';
import { volumeRecord } from '../../../test/support/records.ts';
import { emptyVolumeConfig } from '../orchestrator/model.ts';
import { accessToWire, volumeToWire } from './volume-to-wire.ts';

/** A value of the same kind as the one that stands for "unset", or that one itself. */
const like = (empty: unknown): fc.Arbitrary<unknown> => {
  const some = (): fc.Arbitrary<unknown> => {
    if (typeof empty === 'boolean') return fc.boolean();
    if (typeof empty === 'number') return fc.nat();
    if (Array.isArray(empty)) return fc.array(fc.constant('x'), { maxLength: 2 });
    return typeof empty === 'object' ? fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }) : fc.string();
  };
  return fc.oneof(fc.constant(empty), some());
};
const settings = fc.record(
  Object.fromEntries(
    Object.entries(emptyVolumeConfig)
      .filter(([key]) => key !== 'accessInformation' && key !== 'volumeMode')
      .map(([key, empty]) => [key, like(empty)]),
  ),
);

it('puts the keys of a configuration that the table of the wire would put, in its order', () => {
  fc.assert(
    fc.property(settings, fc.boolean(), (given, publishEnforcement) => {
      const config = {
        ...volumeRecord('v1').config,
        ...given,
        accessInformation: { nfsPath: '/v1', publishEnforcement },
      };
      const wire = volumeToWire(volumeRecord('v1', { config }));
      const byTable = volumeConfig.write({
        ...config,
        version: '1',
        size: String(config.size),
        accessInformation: accessToWire(config.accessInformation),
      });
      expect(JSON.stringify(wire.Config)).toBe(JSON.stringify(byTable));
      expect(JSON.stringify(wire)).toBe(JSON.stringify(volumeExternal.write(wire)));
    }),
  );
});

it('tells no secret of CHAP', () =>
  expect(
    accessToWire({ iscsiTargetSecret: 'planted', useCHAP: true, iscsiUsername: 'planted', iscsiLunNumber: 1 }),
  ).toEqual({
    iscsiLunNumber: 1,
    useCHAP: true,
    iscsiUsername: '<REDACTED>',
    iscsiInitiatorSecret: '<REDACTED>',
    iscsiTargetUsername: '<REDACTED>',
    iscsiTargetSecret: '<REDACTED>',
  }));
