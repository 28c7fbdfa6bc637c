import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labPool } from '../../../test/support/lab-driver.ts';
import { storageClass } from '../../../test/support/lab.ts';
import { poolSatisfies } from './classes.ts';
import { backendMatches, poolMatches } from './patterns.ts';

describe('patterns', () => {
  it.each([
    ['ontap', 'ontap', true],
    ['ontap', 'ontap-gold', false],
    ['ontap-.*', 'ontap-gold', true],
    ['^ontap.*', 'ontap-gold', true],
    ['(?i)ONTAP', 'ontap', true],
    ['[[:alpha:]]+', 'ontap', true],
    ['(', '(', false],
    ['on(?=tap)tap', 'ontap', false],
    [String.raw`(on)tap\1`, 'ontapon', false],
    [String.raw`\Aontap\z`, 'ontap', true],
    ['(?P<kind>on)tap', 'ontap', true],
  ])('backend pattern %s on %s is %s', (pattern, name, expected) => {
    expect(backendMatches(pattern, name)).toBe(expected);
  });

  it('finds pool patterns anywhere in a name', () => {
    expect(poolMatches('aggr1', 'aggr10')).toBe(true);
    expect(poolMatches('^aggr1$', 'aggr10')).toBe(false);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, name) => typeof backendMatches(pattern, name) === 'boolean'),
    );
  });
});

describe('poolSatisfies', () => {
  const pool = labPool('p1');
  const satisfies = (more: Parameters<typeof storageClass>[1]) => poolSatisfies(storageClass('c', more), 'b', pool);

  it('takes every pool when nothing is asked', () => expect(satisfies({})).toBe(true));
  it('lets exclusion win over addition', () =>
    expect(satisfies({ excludeStoragePools: { b: ['p'] }, additionalStoragePools: { b: ['p1'] } })).toBe(false));
  it('takes an additional pool whatever its attributes', () =>
    expect(satisfies({ additionalStoragePools: { b: ['p1'] }, attributes: { media: 'hdd' } })).toBe(true));
  it('takes nothing else when only additional pools are named', () =>
    expect(satisfies({ additionalStoragePools: { b: ['p2'] } })).toBe(false));
  it('asks for attributes and pools when additional ones did not match', () => {
    expect(satisfies({ additionalStoragePools: { b: ['p2'] }, attributes: { media: 'ssd' } })).toBe(true);
    expect(satisfies({ additionalStoragePools: { b: ['p2'] }, storagePools: { b: ['p1'] } })).toBe(true);
  });
  it('needs both attributes and pools', () => {
    expect(satisfies({ attributes: { media: 'ssd' }, storagePools: { b: ['p1'] } })).toBe(true);
    expect(satisfies({ attributes: { media: 'hdd' }, storagePools: { b: ['p1'] } })).toBe(false);
    expect(satisfies({ attributes: { media: 'ssd' }, storagePools: { a: ['p1'] } })).toBe(false);
  });
  it('matches nothing by a broken pattern', () => expect(satisfies({ storagePools: { b: ['('] } })).toBe(false));
});
