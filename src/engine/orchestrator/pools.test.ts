import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labPool } from '../../../test/support/lab-driver.ts';
import { backendRecord } from '../../../test/support/records.ts';
import { filterPools, orderPools } from './pools.ts';

const zone = (name: string) => ({ 'topology.kubernetes.io/zone': name });
const file = backendRecord('b1', { protocol: 'file' });
const block = backendRecord('b2', { protocol: 'block' });
const free = { backend: file, pool: labPool('free') };
const a = { backend: file, pool: labPool('a', { supportedTopologies: [zone('a')] }) };
const b = { backend: block, pool: labPool('b', { supportedTopologies: [zone('b'), zone('c')] }) };
const smb = { backend: file, pool: labPool('smb', { offers: { nasType: { type: 'string', offer: ['SMB'] } } }) };
const all = [free, a, b, smb];
const anything = { protocol: '', requisiteTopologies: [], preferredTopologies: [], nasType: undefined } as const;
const names = (candidates: readonly (typeof free)[]) => candidates.map(({ pool }) => pool.name);

describe('filterPools', () => {
  it.each([
    [{}, ['free', 'a', 'b', 'smb']],
    [{ protocol: 'block' as const }, ['b']],
    [{ requisiteTopologies: [zone('a')] }, ['free', 'a', 'smb']],
    [{ requisiteTopologies: [zone('c'), zone('x')] }, ['free', 'b', 'smb']],
    [{ requisiteTopologies: [{ other: 'key' }] }, ['free', 'a', 'b', 'smb']],
    [{ nasType: 'smb' }, ['smb']],
    [{ nasType: 'nfs' }, []],
    [{ nasType: 'bogus' }, []],
    [{ nasType: '' }, ['free', 'a', 'b', 'smb']],
  ])('%j leaves %j', (request, expected) => {
    expect(names(filterPools(all, { ...anything, ...request }))).toEqual(expected);
  });
});

describe('orderPools', () => {
  it('puts preferred pools first, backend by backend or not, and unrestricted ones last', () => {
    const ordered = names(orderPools(all, [zone('c'), zone('a')], () => 0.999));
    expect(ordered.slice(0, 2)).toEqual(['b', 'a']);
    expect(ordered.slice(2).sort()).toEqual(['free', 'smb']);
  });

  it('loses and repeats nothing, whatever the chance and preference', () => {
    const topologies = fc.array(fc.constantFrom(zone('a'), zone('b'), zone('x')), { maxLength: 3 });
    fc.assert(
      fc.property(
        topologies,
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (preferred, chances) => {
          const ordered = orderPools(all, preferred, () => chances.next().value);
          expect([...ordered].sort((x, y) => all.indexOf(x) - all.indexOf(y))).toEqual(all);
        },
      ),
    );
  });

  it('puts every pool first now and then', () => {
    let seed = 0;
    const random = () => (seed = (seed * 16807 + 7) % 2147483647) / 2147483647;
    const first = new Set(Array.from({ length: 200 }, () => names(orderPools(all, [], random))[0]));
    expect(first.size).toBe(4);
  });
});
