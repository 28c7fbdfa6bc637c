import type { Fields, Resource } from '../core/declaration.ts';
import {
  findText,
  isStoredList,
  isStoredObject,
  objects,
  text,
  texts,
  type Entry,
  type StoredObject,
} from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { existsAlready, nameField, readOnly, requiredSvm, uuidField } from './common.ts';
import { isMeant } from './lookups.ts';

const PORTSET = 'portset';
const MEMBER = 'portset_interface';

/** How a request names an interface; which kind it is of follows from where it is named. */
const MEMBER_FIELDS: Fields = {
  uuid: { kind: 'string', write: 'create', key: true },
  name: { kind: 'string', write: 'create', key: true },
  'ip.uuid': { kind: 'string', write: 'create' },
  'ip.name': { kind: 'string', write: 'create' },
  'fc.uuid': { kind: 'string', write: 'create' },
  'fc.name': { kind: 'string', write: 'create' },
};

const membersOf = (portset: string, world: World): readonly Entry[] => world.store.by(MEMBER, PORTSET, portset);

/** Interfaces that hosts reach LUNs through. */
const isSan = (kind: string, lif: Entry): boolean =>
  kind === 'ip' ? texts(lif, 'services').includes('data_iscsi') : text(lif, 'data_protocol') === 'fcp';

const KINDS: Readonly<Record<string, { readonly kind: 'ip' | 'fc'; readonly table: string }>> = {
  iscsi: { kind: 'ip', table: 'ip_interface' },
  fcp: { kind: 'fc', table: 'fc_interface' },
};

/** The member of a portset that a request names. */
const memberFrom = (given: StoredObject, portset: Entry, world: World): Entry => {
  const protocol = text(portset, 'protocol');
  const allowed = Object.entries(KINDS).filter(([name]) => protocol === 'mixed' || protocol === name);
  for (const [, { kind, table }] of allowed) {
    const uuid = findText(given, `${kind}.uuid`) ?? findText(given, 'uuid');
    const name = findText(given, `${kind}.name`) ?? findText(given, 'name');
    if (uuid === undefined && name === undefined) continue;
    const lif = world.store
      .all(table)
      .find((each) => each['svm'] === portset['svm'] && isSan(kind, each) && isMeant(each, uuid, name));
    if (!lif) continue;
    const shown = { uuid: lif.$id, name: text(lif, 'name') };
    return {
      ...shown,
      $id: `${portset.$id}/${lif.$id}`,
      portset: portset.$id,
      [`${kind}.uuid`]: shown.uuid,
      [`${kind}.name`]: shown.name,
    };
  }
  throw new Refusal(400, 2, 'There is no such interface for the protocol of the portset in the SVM.', 'interfaces');
};

/** `/protocols/san/portsets`: interfaces through which the igroups that are bound to it see their LUNs. */
export const portset: Resource = {
  kind: PORTSET,
  path: '/protocols/san/portsets',
  keys: ['uuid'],
  order: ['svm', 'name'],
  fields: {
    uuid: uuidField,
    svm: requiredSvm,
    name: { ...nameField, maxLength: 96, write: 'create' },
    protocol: { kind: 'enum', values: ['fcp', 'iscsi', 'mixed'], write: 'create', default: 'mixed' },
    interfaces: {
      kind: 'objects',
      to: MEMBER,
      write: 'create',
      of: MEMBER_FIELDS,
      compute: (entry, world) => {
        const members = membersOf(entry.$id, world);
        return members.length === 0 ? undefined : members.map((each) => ({ ...each, $ref: each.$id }));
      },
    },
    igroups: {
      ...readOnly('refs', {
        to: 'igroup',
        expensive: true,
        compute: (entry, world) =>
          world.store
            .by('igroup', 'svm', text(entry, 'svm'))
            .filter((igroup) => igroup['portset'] === entry.$id)
            .map((igroup) => igroup.$id),
      }),
    },
  },
  indexes: ['svm'],
  unique: [{ fields: ['svm', 'name'], refusal: existsAlready('A portset', 1) }],
  unknown: (given, field) => new Refusal(400, 5374911, `The portset "${given}" does not exist.`, field),
  inside: [{ kind: 'svm', field: 'svm' }],
  create: {
    asynchronous: false,
    prepare: ({ interfaces, ...draft }, { world }) => {
      const given = interfaces !== undefined && isStoredList(interfaces) ? interfaces.filter(isStoredObject) : [];
      const entry: Entry = { ...draft, $id: draft.$id };
      return { ...entry, $members: given.map((each) => memberFrom(each, entry, world)) };
    },
    effects: (entry, { world }) => {
      for (const each of objects(entry, '$members')) world.store.put(MEMBER, { ...each, $id: text(each, '$id') });
      world.store.change(PORTSET, entry.$id, { $members: undefined });
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      const bound = world.store.by('igroup', 'svm', text(entry, 'svm')).find((each) => each['portset'] === entry.$id);
      if (bound) throw new Refusal(409, 8, `The portset is bound to the igroup "${text(bound, 'name')}".`);
    },
  },
};

/** Interfaces that are in a portset are not deleted. */
const keep = (to: string) => ({
  to,
  planned: (verb: string, lif: Entry, { world }: { readonly world: World }) => {
    if (verb === 'remove' && world.store.by(MEMBER, 'uuid', lif.$id).length > 0)
      throw new Refusal(409, 5376953, `The interface "${text(lif, 'name')}" is in a portset.`);
  },
});

/** `/protocols/san/portsets/{portset.uuid}/interfaces`. */
export const portsetInterface: Resource = {
  kind: MEMBER,
  path: '/protocols/san/portsets/{portset.uuid}/interfaces',
  keys: ['uuid'],
  takesRecords: true,
  order: ['portset', 'name'],
  fields: {
    ...MEMBER_FIELDS,
    portset: { kind: 'ref', to: PORTSET, children: ['uuid', 'name'], write: 'never', expensive: true },
  },
  indexes: ['portset', 'uuid'],
  unique: [
    {
      fields: ['portset', 'uuid'],
      refusal: (entry) => new Refusal(409, 1, `The interface "${text(entry, 'name')}" is in the portset already.`),
    },
  ],
  inside: [{ kind: PORTSET, field: 'portset' }],
  identify: (draft, world) => memberFrom(draft, world.store.get(PORTSET, text(draft, PORTSET)), world).$id,
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => memberFrom(draft, world.store.get(PORTSET, text(draft, PORTSET)), world),
  },
  remove: { asynchronous: false },
  reactions: [keep('ip_interface'), keep('fc_interface')],
};
