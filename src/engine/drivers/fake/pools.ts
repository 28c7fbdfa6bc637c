import type { JsonObject, JsonValue } from '../../json.ts';
import type { Offer, PoolRecord } from '../../orchestrator/model.ts';
import { Problem } from '../../problem.ts';
import { virtualPoolKeys } from '../pool-keys.ts';
import type { FakeConfig, GivenOffer } from './config.ts';

/** A pool that has room of its own; virtual pools are views of these. */
export interface PhysicalPool {
  readonly name: string;
  readonly bytes: number;
  readonly offers: Readonly<Record<string, Offer>>;
}

/** Attributes that the fake driver knows, with the type of their offers (storage_attribute/common_attributes.go). */
const attributeTypes: ReadonlyMap<string, Offer['type']> = new Map([
  ['IOPS', 'int'],
  ['snapshots', 'bool'],
  ['clones', 'bool'],
  ['encryption', 'bool'],
  ['replication', 'bool'],
  ['recoveryTest', 'bool'],
  ['testingAttribute', 'bool'],
  ['nonexistentBool', 'bool'],
  ['provisioningType', 'string'],
  ['backendType', 'string'],
  ['media', 'string'],
  ['region', 'string'],
  ['zone', 'string'],
  ['nasType', 'string'],
  ['sanType', 'string'],
  ['uniqueOptions', 'string'],
  ['labels', 'label'],
]);

const parseOffer = (name: string, given: GivenOffer, path: readonly string[]): Offer => {
  const type = attributeTypes.get(name);
  if (type === undefined)
    throw new Problem(
      'backend.config',
      'invalid',
      `unable to initialize fake driver: unknown storage attribute: ${name}`,
      {
        path,
        hint: `known attributes: ${[...attributeTypes.keys()].join(', ')}`,
      },
    );
  if ('min' in given) {
    if (type === 'int') return { type, min: given.min, max: given.max };
  } else if (typeof given.offer === 'boolean') {
    if (type === 'bool') return { type, offer: given.offer };
  } else if (Array.isArray(given.offer)) {
    if (type === 'string') return { type, offer: given.offer };
  } else if (type === 'label') return { type, offer: given.offer };
  throw new Problem(
    'backend.config',
    'invalid',
    `unable to initialize fake driver: ${name} takes an offer of type ${type}`,
    {
      path,
    },
  );
};

const place = (region: string, zone: string): Record<string, Offer> => ({
  ...(region === '' ? {} : { region: { type: 'string', offer: [region] } }),
  ...(zone === '' ? {} : { zone: { type: 'string', offer: [zone] } }),
});

/** FK-1: what there is when neither pools nor virtual pools are configured. */
const onlyPool: Pick<PhysicalPool, 'bytes' | 'offers'> = {
  bytes: 100 * 1024 ** 3,
  offers: {
    IOPS: { type: 'int', min: 0, max: 100 },
    snapshots: { type: 'bool', offer: false },
    encryption: { type: 'bool', offer: false },
    provisioningType: { type: 'string', offer: ['thick', 'thin'] },
  },
};

/** The physical pools with what every one of them offers besides its own attributes. @throws Problem `backend.config` */
export const physicalPools = ({ given }: FakeConfig): readonly PhysicalPool[] => {
  const common: Record<string, Offer> = {
    backendType: { type: 'string', offer: ['fake'] },
    labels: { type: 'label', offer: given.labels },
    ...place(given.region, given.zone),
  };
  const configured = Object.entries(given.pools).map(([name, pool]): PhysicalPool => {
    const offers = Object.entries(pool.attributes).map(([attribute, offer]) => [
      attribute,
      parseOffer(attribute, offer, ['pools', name, 'attributes', attribute]),
    ]);
    return { name, bytes: pool.sizeBytes, offers: { ...Object.fromEntries(offers), ...common } };
  });
  if (configured.length > 0 || given.storage.length > 0) return configured;
  return [{ name: 'pool-0', bytes: onlyPool.bytes, offers: { ...onlyPool.offers, ...common } }];
};

/** FK-3: flags that any physical pool offers, and texts that any of them offers. */
const united = (pools: readonly PhysicalPool[]): Record<string, Offer> => {
  const offers: Record<string, Offer> = {};
  for (const { offers: own } of pools)
    for (const name of ['snapshots', 'clones', 'encryption', 'replication', 'provisioningType', 'media']) {
      const [offer, known] = [own[name], offers[name]];
      if (offer?.type === 'bool')
        offers[name] = { type: 'bool', offer: offer.offer || (known?.type === 'bool' && known.offer) };
      if (offer?.type === 'string')
        offers[name] = {
          type: 'string',
          offer: [...new Set([...(known?.type === 'string' ? known.offer : []), ...offer.offer])],
        };
    }
  return offers;
};

/** `fake_<region>_pool_<index>` without dashes and doubled underscores. */
const virtualName = (region: string, index: number): string =>
  `fake_${region}_pool_${index}`.replaceAll('-', '').replaceAll('__', '_');

const virtualPools = (config: FakeConfig, physical: readonly PhysicalPool[]): readonly PoolRecord[] => {
  const { given } = config;
  const keys = virtualPoolKeys(given.storage);
  const shared = united(physical);
  return given.storage.map((pool, index) => {
    const region = pool.region === '' ? given.region : pool.region;
    const zone = pool.zone === '' ? given.zone : pool.zone;
    return {
      name: virtualName(region, index),
      key: keys[index] ?? '',
      offers: {
        ...shared,
        backendType: { type: 'string', offer: ['fake'] },
        labels: { type: 'label', offer: { ...given.labels, ...pool.labels } },
        ...place(region, zone),
        region: { type: 'string', offer: [region] },
      },
      supportedTopologies: pool.supportedTopologies.length === 0 ? given.supportedTopologies : pool.supportedTopologies,
      settings: { virtual: true, size: pool.defaults.size === '' ? config.defaultSize : pool.defaults.size },
    };
  });
};

/** The pools as the orchestrator sees them: the virtual ones when there are any (FK-3). */
export const poolRecords = (config: FakeConfig, physical: readonly PhysicalPool[]): readonly PoolRecord[] =>
  config.given.storage.length > 0
    ? virtualPools(config, physical)
    : physical.map(({ name, offers }) => ({
        name,
        key: name,
        offers,
        supportedTopologies: config.given.supportedTopologies,
        settings: { virtual: false, size: config.defaultSize },
      }));

const offerToJson = (offer: Offer): JsonValue =>
  offer.type === 'int' ? { min: offer.min, max: offer.max } : { offer: offer.offer };

/** Pools as the shown configuration lists them; null when the configuration names none. */
export const shownPools = (config: FakeConfig, physical: readonly PhysicalPool[]): JsonObject | null =>
  Object.keys(config.given.pools).length === 0
    ? null
    : Object.fromEntries(
        physical.map(({ name, bytes, offers }) => [
          name,
          {
            attributes: Object.fromEntries(Object.entries(offers).map(([key, offer]) => [key, offerToJson(offer)])),
            sizeBytes: bytes,
          },
        ]),
      );

/** True when a pool offers what a class asks for; label selectors were settled by the choice of the virtual pool. */
export const satisfies = ({ offers }: PhysicalPool, attributes: Readonly<Record<string, string>>): boolean =>
  Object.entries(attributes).every(([name, value]) => {
    if (name === 'selector') return true;
    const offer = offers[name];
    switch (offer?.type) {
      case 'int':
        return offer.min <= Number(value) && Number(value) <= offer.max;
      case 'bool':
        return offer.offer || value === 'false';
      case 'string':
        return offer.offer.includes(value);
      default:
        return false;
    }
  });
