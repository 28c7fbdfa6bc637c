import { describe, expect, it } from 'vitest';
import { fakeNas, fakeVirtual, GiB, openFake } from '../../../../test/support/fake-backend.ts';
import type { JsonObject } from '../../json.ts';
import { driverKind } from '../registry.ts';
import { fake } from './kind.ts';

describe('the fake kind', () => {
  it('is found by its name', async () => {
    expect(await driverKind('fake')).toBe(fake);
    await expect(driverKind('bogus')).rejects.toMatchObject({
      code: 'driver.unknown',
      message: 'unknown storage driver: bogus',
      hint: expect.stringMatching(/^this release has fake, /),
    });
    await expect(driverKind('Ontap-nas-ecconomy')).rejects.toMatchObject({ hint: 'did you mean ontap-nas-economy?' });
    await expect(driverKind('solidfire-san')).rejects.toMatchObject({
      kind: 'unsupported',
      code: 'driver.not-in-release',
    });
  });

  it('shows what stock shows, without the password', async () => {
    const { found } = await openFake(fakeNas);
    expect(found).toMatchObject({ defaultName: 'inst1', protocol: 'file' });
    expect(found.shownConfig).toMatchObject({
      version: 1,
      storageDriverName: 'fake',
      backendName: 'fake-nas',
      debug: false,
      debugTraceFlags: null,
      storagePrefix: 'trident_',
      serialNumbers: ['inst1_SN'],
      flags: { concurrent: 'false' },
      limitVolumeSize: '',
      credentials: null,
      userState: '',
      volumes: null,
      storage: null,
      username: 'admin',
      password: '<REDACTED>',
      volumeAccess: '192.0.2.1',
      labels: { tier: 'gold' },
      supportedTopologies: null,
      defaults: { size: '1G', nameTemplate: '' },
      pools: {
        hdd_pool: {
          sizeBytes: 4096 * GiB,
          attributes: {
            IOPS: { min: 0, max: 1000 },
            backendType: { offer: ['fake'] },
            labels: { offer: { tier: 'gold' } },
            region: { offer: ['dc1'] },
            zone: { offer: ['rackA'] },
          },
        },
      },
    });
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });

  it('has one small pool when none is configured', async () => {
    const { found } = await openFake({ version: 1, storageDriverName: 'fake' });
    expect(found.pools).toEqual([
      {
        name: 'pool-0',
        key: 'pool-0',
        offers: {
          IOPS: { type: 'int', min: 0, max: 100 },
          backendType: { type: 'string', offer: ['fake'] },
          encryption: { type: 'bool', offer: false },
          labels: { type: 'label', offer: {} },
          provisioningType: { type: 'string', offer: ['thick', 'thin'] },
          snapshots: { type: 'bool', offer: false },
        },
        supportedTopologies: [],
        settings: { virtual: false, size: '1G' },
      },
    ]);
    expect(found.shownConfig['pools']).toBeNull();
  });

  it('makes virtual pools of physical ones', async () => {
    const { found } = await openFake(fakeVirtual);
    expect(found.pools.map((pool) => pool.name)).toEqual(['fake_useast_pool_0', 'fake_useast_pool_1']);
    expect(found.pools[0]?.offers).toEqual({
      backendType: { type: 'string', offer: ['fake'] },
      clones: { type: 'bool', offer: true },
      encryption: { type: 'bool', offer: true },
      labels: { type: 'label', offer: { dept: 'eng', tier: 'silver' } },
      media: { type: 'string', offer: ['hybrid', 'ssd'] },
      provisioningType: { type: 'string', offer: ['thin', 'thick'] },
      region: { type: 'string', offer: ['us-east'] },
      snapshots: { type: 'bool', offer: true },
      zone: { type: 'string', offer: ['z1'] },
    });
    const moved = await openFake({
      ...fakeVirtual,
      storage: Array.isArray(fakeVirtual['storage']) ? fakeVirtual['storage'].toReversed() : [],
    });
    expect(moved.found.pools.map((pool) => pool.key)).toEqual(found.pools.map((pool) => pool.key).toReversed());
  });

  it.each<[JsonObject, string, readonly (string | number)[]]>([
    [{ ...fakeNas, pols: {} }, 'fake backend configuration: unknown key pols', ['pols']],
    [
      { ...fakeNas, pools: { p: { attributes: { whatever: { offer: true } }, sizeBytes: 5 } } },
      'unable to initialize fake driver: unknown storage attribute: whatever',
      ['pools', 'p', 'attributes', 'whatever'],
    ],
    [
      { ...fakeNas, pools: { p: { attributes: { media: { offer: true } }, sizeBytes: 5 } } },
      'unable to initialize fake driver: media takes an offer of type string',
      ['pools', 'p', 'attributes', 'media'],
    ],
    [
      { ...fakeNas, volumes: [{ name: 'e', requestedPool: 'nope', size: 5 }] },
      'requested pool nope for volume e does not exist',
      ['volumes', 0, 'requestedPool'],
    ],
    [
      { ...fakeNas, defaults: { size: 'many' } },
      'error validating fake driver. invalid value for default volume size in pool hdd_pool: "many" is not a valid size: it is not a whole number followed by a unit',
      ['defaults', 'size'],
    ],
    [
      { ...fakeNas, defaults: { nameTemplate: '{{.x}}' } },
      'the fake driver makes no names from templates',
      ['defaults', 'nameTemplate'],
    ],
  ])('refuses configuration %#', async (config, message, path) => {
    await expect(openFake(config)).rejects.toMatchObject({ message, path });
  });

  it('tells what an update would change', () => {
    const changes = (over: JsonObject) => [...fake.changes(fakeNas, { ...fakeNas, ...over })];
    expect(changes({ labels: {}, username: 'x', password: 'y' })).toEqual([]);
    expect(changes({ protocol: 'block' })).toEqual(['invalid']);
    expect(changes({ storageDriverName: 'ontap-nas' })).toEqual(['invalid']);
    expect(changes({ volumeAccess: '192.0.2.7' })).toEqual(['accessInformation']);
    expect(changes({ storagePrefix: 'zz_' })).toEqual(['prefix']);
    expect(changes({ backendName: 'other' })).toEqual(['rename']);
    expect(changes({ credentials: { name: 'a', type: 'awsarn' } })).toEqual(['credentials']);
  });
});
