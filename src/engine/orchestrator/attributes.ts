import { messageOf, Problem } from '../problem.ts';
import type { Offer } from './model.ts';
import { parseSelector } from './selector.ts';

type AttributeType = 'int' | 'bool' | 'string' | 'label';

/** The attributes a storage class may ask for (storage_attribute/common_attributes.go); the last four serve tests. */
const attributeTypes: ReadonlyMap<string, AttributeType> = new Map([
  ['IOPS', 'int'],
  ['snapshots', 'bool'],
  ['clones', 'bool'],
  ['encryption', 'bool'],
  ['replication', 'bool'],
  ['provisioningType', 'string'],
  ['backendType', 'string'],
  ['media', 'string'],
  ['region', 'string'],
  ['zone', 'string'],
  ['nasType', 'string'],
  ['sanType', 'string'],
  ['selector', 'label'],
  ['labels', 'label'],
  ['recoveryTest', 'bool'],
  ['testingAttribute', 'bool'],
  ['nonexistentBool', 'bool'],
  ['uniqueOptions', 'string'],
]);

const lowerCased: ReadonlySet<string> = new Set(['nasType', 'sanType']);
const prefix = 'trident.netapp.io/';
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const untruths: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

const canonicalValue = (name: string, type: AttributeType, value: string, path: readonly string[]): string => {
  const mismatch = (why: string): Problem =>
    new Problem(
      'storageclass.attribute',
      'invalid',
      `storage attribute value (${value}) doesn't match the specified type (${type}); ${why}`,
      { path },
    );
  switch (type) {
    case 'bool':
      if (truths.has(value)) return 'true';
      if (untruths.has(value)) return 'false';
      throw mismatch(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
    case 'int':
      if (/^[+-]?\d+$/.test(value) && Number.isSafeInteger(Number(value))) return String(Number(value));
      throw mismatch(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    case 'label':
      try {
        parseSelector(value);
      } catch (error) {
        throw mismatch(messageOf(error));
      }
      return value;
    case 'string':
      return lowerCased.has(name) ? value.toLowerCase() : value;
  }
};

/**
 * Requested attributes in canonical text form: booleans `true`/`false`, plain decimal integers, the prefix
 * `trident.netapp.io/` removed. Canonical attributes come back unchanged.
 * @throws Problem `storageclass.attribute` with stock's text
 */
export const canonicalAttributes = (given: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const canonical: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : key;
    const type = attributeTypes.get(name);
    if (type === undefined)
      throw new Problem('storageclass.attribute', 'invalid', `unrecognized storage attribute: ${key}`, {
        hint: `known attributes: ${[...attributeTypes.keys()].slice(0, -4).join(', ')}`,
        path: ['attributes', key],
      });
    canonical[name] = canonicalValue(name, type, value, ['attributes', key]);
  }
  return canonical;
};

const offerMatches = (type: AttributeType, value: string, offer: Offer): boolean => {
  if (offer.type !== type) return false;
  switch (offer.type) {
    case 'int':
      return offer.min <= Number(value) && Number(value) <= offer.max;
    case 'bool':
      return offer.offer || value === 'false';
    case 'string':
      return offer.offer.includes(value);
    case 'label':
      return parseSelector(value)(offer.offer);
  }
};

/** True when a pool offers every requested attribute (SC-1, SC-2, SC-7). The request is canonical. */
export const offersSatisfy = (
  request: Readonly<Record<string, string>>,
  offers: Readonly<Record<string, Offer>>,
): boolean =>
  Object.entries(request).every(([name, value]) => {
    const type = attributeTypes.get(name);
    const offer = offers[type === 'label' ? 'labels' : name];
    return type !== undefined && offer !== undefined && offerMatches(type, value, offer);
  });
