import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalAddress, exportAddresses, sameAddress } from './accesses/addresses.ts';
import { networksOf } from './config/rules.ts';
import { commentOf, isOurComment, renderLabels } from './labels.ts';
import { parsePermissions } from './permissions.ts';
import { checkVolumeLimit, requestedBytes, snapshotReservePercent, volumeBytesFor } from './sizing.ts';

test('the snapshot reserve is added so that the request is left, exactly', () => {
  expect(volumeBytesFor(1_000_000_000, 10)).toBe(1_111_111_111);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 49 }), fc.integer({ min: 0, max: 90 }), (bytes, percent) => {
      const volume = BigInt(volumeBytesFor(bytes, percent));
      const [scaled, left] = [BigInt(bytes) * 100n, BigInt(100 - percent)];
      // The floor of bytes / (1 - percent / 100): not more, and less than one byte under it.
      expect(volume * left <= scaled && scaled < (volume + 1n) * left).toBe(true);
    }),
  );
});

test.each([
  ['', 'none', 0],
  ['', '', 0],
  ['', 'default', 5],
  ['0', 'default', 0],
  ['20', 'none', 20],
])('a reserve of %j with policy %j is %d percent', (given, policy, expected) => {
  expect(snapshotReservePercent(given, policy)).toBe(expected);
});

test.each(['91', '100', '-1', 'x', '5%'])('a reserve of %s is refused', (given) => {
  expect(() => snapshotReservePercent(given, 'none')).toThrow('percentage');
});

test('sizes are raised to the minimum, and 0 is the default', () => {
  expect(requestedBytes(0, '1G')).toBe(2 ** 30);
  expect(requestedBytes(1, '1G')).toBe(20 * 2 ** 20);
  expect(requestedBytes(2 ** 40, '1G')).toBe(2 ** 40);
});

test('the size limit itself is allowed', () => {
  checkVolumeLimit(2 ** 30, '1Gi');
  expect(() => checkVolumeLimit(2 ** 30 + 1, '1Gi')).toThrow('1073741825 > the size limit: 1073741824');
});

test.each([
  ['---rwxrwxrwx', 777],
  ['rwxr-xr-x', 755],
  ['---------', 0],
  ['0711', 711],
  ['755', 755],
  ['4755', 4755],
])('%s is %d', (text, expected) => {
  expect(parsePermissions(text)).toBe(expected);
});

test.each(['', '888', 'rwxrwxrw', 'xwrxwrxwr', '99999', '77'])('%j is no mode', (text) => {
  expect(parsePermissions(text)).toBeUndefined();
});

test('labels become a comment', () => {
  expect(commentOf({}, 1023)).toBe('');
  expect(commentOf({ b: '2', a: '1' }, 1023)).toBe('{"provisioning":{"a":"1","b":"2"}}');
  expect(() => commentOf({ a: 'x'.repeat(1023) }, 1023)).toThrow('1023 are allowed');
  expect(isOurComment('{"provisioning":{}}')).toBe(true);
  expect(isOurComment('')).toBe(false);
  expect(isOurComment('mine')).toBe(false);
  expect(isOurComment('"provisioning"')).toBe(false);
});

test('label values are templates, and stay as they are when one fails', () => {
  const data = { volume: { Name: 'v' } };
  expect(renderLabels({ a: '{{.volume.Name}}' }, () => data)).toEqual({ a: 'v' });
  expect(renderLabels({ a: '{{.volume.Name}}', b: '{{.nope}}' }, () => data)).toEqual({
    a: '{{.volume.Name}}',
    b: '{{.nope}}',
  });
});

test('addresses are compared as addresses', () => {
  expect(sameAddress('2001:DB8::1', '2001:db8:0:0:0:0:0:1')).toBe(true);
  expect(sameAddress('10.0.0.1', '10.0.0.1/32')).toBe(true);
  expect(canonicalAddress('10.0.0.0/8')).toBeUndefined();
  expect(canonicalAddress('host.example')).toBeUndefined();
  expect(sameAddress('host', 'host')).toBe(false);
});

test('only addresses in the networks get rules', () => {
  const node = {
    name: 'n',
    iqn: '',
    nqn: '',
    hostWWPNMap: {},
    topologyLabels: {},
    hostInfo: {},
    deleted: false,
    publicationState: 'clean' as const,
    logLevel: '',
    logWorkflows: '',
    logLayers: '',
    ips: ['10.1.2.3', '192.168.1.1', 'fd00::5', 'nonsense', '10.1.2.3'],
  };
  expect(exportAddresses(node, networksOf(['10.0.0.0/8', 'fd00::/8']))).toEqual(['10.1.2.3', 'fd00::5']);
  expect(exportAddresses(node, networksOf(['0.0.0.0/0', '::/0']))).toEqual(['10.1.2.3', '192.168.1.1', 'fd00::5']);
});
