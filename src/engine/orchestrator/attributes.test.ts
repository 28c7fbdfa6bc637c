import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAttributes, offersSatisfy } from './attributes.ts';

describe('canonicalAttributes', () => {
  it('rewrites values as stock does', () => {
    expect(
      canonicalAttributes({
        IOPS: '+0500',
        snapshots: 'T',
        clones: '0',
        nasType: 'NFS',
        media: 'SSD',
        'trident.netapp.io/region': 'dc1',
        selector: 'tier=gold',
      }),
    ).toEqual({
      IOPS: '500',
      snapshots: 'true',
      clones: 'false',
      nasType: 'nfs',
      media: 'SSD',
      region: 'dc1',
      selector: 'tier=gold',
    });
  });

  it.each([
    [{ bogus: '1' }, 'unrecognized storage attribute: bogus'],
    [
      { snapshots: 'maybe' },
      'storage attribute value (maybe) doesn\'t match the specified type (bool); strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [
      { IOPS: 'lots' },
      'storage attribute value (lots) doesn\'t match the specified type (int); strconv.ParseInt: parsing "lots": invalid syntax',
    ],
    [
      { selector: 'a=b=c' },
      "storage attribute value (a=b=c) doesn't match the specified type (label); invalid label selector: a=b=c",
    ],
    [
      { selector: '' },
      "storage attribute value () doesn't match the specified type (label); label selector may not be empty",
    ],
  ])('refuses %j', (given, text) => {
    expect(() => canonicalAttributes(given)).toThrow(text);
  });

  it('leaves canonical attributes as they are', () => {
    const attributes = fc.record(
      {
        IOPS: fc.integer().map(String),
        snapshots: fc.constantFrom('1', 't', 'TRUE', 'false', 'F'),
        sanType: fc.constantFrom('iSCSI', 'nvme'),
        zone: fc.string(),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(attributes, (given) => {
        const once = canonicalAttributes(given);
        expect(canonicalAttributes(once)).toEqual(once);
      }),
    );
  });
});

describe('offersSatisfy', () => {
  it.each([
    [{ IOPS: '500' }, { IOPS: { type: 'int', min: 500, max: 500 } }, true],
    [{ IOPS: '499' }, { IOPS: { type: 'int', min: 500, max: 1000 } }, false],
    [{ snapshots: 'false' }, { snapshots: { type: 'bool', offer: true } }, true],
    [{ snapshots: 'true' }, { snapshots: { type: 'bool', offer: false } }, false],
    [{ snapshots: 'true' }, { snapshots: { type: 'string', offer: ['true'] } }, false],
    [{ media: 'ssd' }, { media: { type: 'string', offer: ['hdd', 'ssd'] } }, true],
    [{ media: 'SSD' }, { media: { type: 'string', offer: ['ssd'] } }, false],
    [{ media: 'ssd' }, {}, false],
    [{ selector: '!old' }, {}, false],
    [{ selector: '!old' }, { labels: { type: 'label', offer: { tier: 'gold' } } }, true],
    [{ labels: 'tier=gold' }, { labels: { type: 'label', offer: { tier: 'gold' } } }, true],
    [{}, {}, true],
  ] as const)('%j of %j is %s', (request, offers, expected) => {
    expect(offersSatisfy(request, offers)).toBe(expected);
  });
});
