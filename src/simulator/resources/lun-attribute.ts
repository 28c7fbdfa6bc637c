import type { Resource } from '../core/declaration.ts';
import { objects, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';

export const LUN_ATTRIBUTE = 'lun_attribute';
const LONGEST = 4091;

export interface Attribute {
  readonly name: string;
  readonly value: string;
}

const bytes = (value: string) => Buffer.byteLength(value);

/** A pair of name and value, as POST and PATCH check it. */
const checkAttribute = ({ name, value }: Attribute): void => {
  if (name === '' || value === '')
    throw new Refusal(400, 5374928, 'An attribute needs a name and a value.', 'attributes');
  if (bytes(name) + bytes(value) > LONGEST) {
    throw new Refusal(
      400,
      5374929,
      `The name and the value of attribute "${name.slice(0, 40)}" are together longer than ${LONGEST} bytes.`,
      'attributes',
    );
  }
};

/** The attributes in the body of a new LUN. */
export const readAttributes = (draft: Entry): readonly Attribute[] => {
  const attributes = objects(draft, 'attributes').map((each) => ({
    name: text(each, 'name'),
    value: text(each, 'value'),
  }));
  for (const attribute of attributes) checkAttribute(attribute);
  const twice = attributes.find(({ name }, index) => attributes.findIndex((other) => other.name === name) !== index);
  if (twice) throw new Refusal(400, 5374932, `The attribute "${twice.name}" was given twice.`, 'attributes');
  return attributes;
};

export const attributesOf = (lun: string, world: World): readonly Entry[] => world.store.by(LUN_ATTRIBUTE, 'lun', lun);

const keyOf = (lun: string, name: string) => `${lun}/${name}`;

/** Replaces all attributes of a LUN. */
export const setAttributes = (lun: string, attributes: readonly Attribute[], world: World): void => {
  for (const old of attributesOf(lun, world)) world.store.remove(LUN_ATTRIBUTE, old.$id);
  for (const { name, value } of attributes) world.store.put(LUN_ATTRIBUTE, { $id: keyOf(lun, name), lun, name, value });
};

/** `/storage/luns/{lun.uuid}/attributes`: small texts that applications keep with a LUN. */
export const lunAttribute: Resource = {
  kind: LUN_ATTRIBUTE,
  path: '/storage/luns/{lun.uuid}/attributes',
  keys: ['name'],
  order: ['lun', 'name'],
  fields: {
    name: { kind: 'string', key: true, write: 'create' },
    value: { kind: 'string' },
    lun: { kind: 'ref', to: 'lun', children: ['uuid', 'name'], write: 'never', expensive: true },
  },
  indexes: ['lun'],
  unique: [
    {
      fields: ['lun', 'name'],
      refusal: (entry) =>
        new Refusal(409, 5374930, `The LUN has an attribute "${text(entry, 'name')}" already.`, 'name'),
    },
  ],
  noParent: (given) => new Refusal(404, 5374875, `The LUN "${given}" does not exist.`, 'lun.uuid'),
  absent: () => new Refusal(404, 5374931, 'The LUN has no attribute of that name.', 'name'),
  inside: [
    {
      kind: 'lun',
      field: 'lun',
      copied: (copy, lun) => ({ ...copy, $id: keyOf(lun.$id, text(copy, 'name')) }),
    },
  ],
  identify: (draft) => keyOf(text(draft, 'lun'), text(draft, 'name')),
  create: {
    asynchronous: false,
    prepare: (draft) => {
      checkAttribute({ name: text(draft, 'name'), value: text(draft, 'value') });
      return draft;
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      checkAttribute({
        name: text(before, 'name'),
        value: typeof changes['value'] === 'string' ? changes['value'] : '',
      });
      return changes;
    },
  },
  remove: { asynchronous: false },
};
