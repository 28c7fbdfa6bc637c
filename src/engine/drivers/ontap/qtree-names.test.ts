import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  deletedName,
  flexVolOfId,
  isDeletedName,
  isDeletedNameOf,
  longestQtreeName,
  poolPolicyName,
  qtreeId,
  shortQtreeName,
} from './qtree-names.ts';

test('a deleted qtree is known by its name, however long that is', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9_]{0,63}$/), fc.double({ min: 0, max: 0.999 }), (name, random) => {
      const deleted = deletedName(name, () => random);
      expect(deleted.length).toBeLessThanOrEqual(longestQtreeName);
      expect(isDeletedName(deleted)).toBe(true);
      expect(isDeletedNameOf(deleted, name)).toBe(true);
      expect(isDeletedNameOf(deleted, `${name}x`)).toBe(false);
    }),
  );
});

test.each([
  ['trident_pvc_1', 'deleted_trident_pvc_1_NNNNN'],
  // Stock cuts off the first 18 characters of a name that would be too long.
  [
    'trident_pvc_0123456789012345678901234567890123456789012345678901',
    'deleted_6789012345678901234567890123456789012345678901_NNNNN',
  ],
])('%s waits for its deletion as %s', (name, deleted) => {
  expect(deletedName(name, () => 0.5)).toBe(deleted);
});

test.each(['deleted_by_mistake', 'deleted_x_abcde', 'deleted_x_ABCDEF1', 'trident_pvc_1', ''])(
  '%j is the name of no deleted qtree',
  (name) => {
    expect(isDeletedName(name)).toBe(false);
  },
);

test('handles lead to the FlexVol and back', () => {
  expect(qtreeId('svm0', 'fv', 'q')).toBe('/svm/svm0/flexvol/fv/qtree/q');
  expect(flexVolOfId('/svm/svm0/flexvol/fv/qtree/q')).toBe('fv');
  for (const id of ['', '/svm/svm0/flexvol/fv/lun/l', '/svm/svm0/flexvol//qtree/q'])
    expect(flexVolOfId(id)).toBeUndefined();
});

test('names of our own making tell the front end', () => {
  expect(shortQtreeName('csi')).toMatch(/^trident_[0-9a-f]{32}$/);
  expect(shortQtreeName('docker')).toMatch(/^ndvp_[0-9a-f]{32}$/);
  expect([poolPolicyName('csi'), poolPolicyName('docker')]).toEqual([
    'trident_qtree_pool_export_policy',
    'ndvp_qtree_pool_export_policy',
  ]);
});
