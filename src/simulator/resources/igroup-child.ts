import type { Resource } from '../core/declaration.ts';
import { findText, text, type Entry } from '../core/entry.ts';
import { missingValue, noEntry, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import {
  allInitiatorsOf,
  CHILD,
  checkUnmapped,
  checkView,
  childrenOf,
  igroupsReaching,
  initiatorsOf,
  withNested,
  withParents,
} from './igroup-members.ts';
import { isMeant } from './lookups.ts';

/** Igroups from the topmost to the lowest. */
const MOST_LAYERS = 3;

const layersOf = (igroup: string, world: World): number =>
  1 + Math.max(0, ...childrenOf(igroup, world).map((child) => layersOf(child, world)));

const hasTwice = (values: readonly string[]): boolean => new Set(values).size < values.length;

/** Either initiators or igroups: refuses both in one igroup. */
export const refuseMixed = (): never => {
  throw new Refusal(409, 5374040, 'An igroup has either initiators or nested igroups, not both.', 'igroups');
};

/** The igroups of a hierarchy are of one operating system. */
export const otherSystem = (name: string, other: string): Refusal =>
  new Refusal(409, 5374739, `The igroup "${name}" has another operating system type than "${other}".`, 'igroups');

/** Refuses one igroup for another, by what they are themselves. `parent` need not be there yet. */
export const checkPair = (parent: Entry, child: Entry, world: World): void => {
  const [above, below] = [text(parent, 'name'), text(child, 'name')];
  if (child.$id === parent.$id) throw new Refusal(400, 5374745, 'An igroup cannot be nested in itself.', 'igroups');
  if (child['os_type'] !== parent['os_type']) throw otherSystem(below, above);
  if (child['protocol'] !== parent['protocol'])
    throw new Refusal(409, 5374740, `The igroup "${below}" has another protocol than "${above}".`, 'igroups');
  if (initiatorsOf(parent.$id, world).length > 0) refuseMixed();
  if (withParents(parent.$id, world).includes(child.$id)) throw alreadyThere(below);
};

const alreadyThere = (name: string) =>
  new Refusal(409, 5374736, `The igroup "${name}" is in the hierarchy of the parent already.`, 'igroups');

/** After an igroup was nested in another: refuses what the hierarchies that it is in now have become. */
const checkHierarchy = (parent: string, child: Entry, world: World) => {
  const name = text(child, 'name');
  for (const top of withParents(parent, world)) {
    if (layersOf(top, world) > MOST_LAYERS)
      throw new Refusal(409, 5374735, `Igroups cannot be nested in more than ${MOST_LAYERS} layers.`, 'igroups');
    if (hasTwice(withNested(top, world)))
      throw new Refusal(409, 5374741, `The igroup "${name}" is in the hierarchy through another igroup.`, 'igroups');
    if (hasTwice(allInitiatorsOf(top, world).map((each) => text(each, 'name'))))
      throw new Refusal(409, 5374742, `Another igroup of the hierarchy has an initiator of "${name}".`, 'igroups');
  }
  for (const each of allInitiatorsOf(child.$id, world)) {
    const initiator = text(each, 'name');
    checkView(initiator, igroupsReaching(initiator, text(child, 'svm'), world), world);
  }
};

const keyOf = (parent: string, child: string) => `${parent}/${child}`;

const linkOf = (parent: Entry, child: Entry): Entry => ({
  $id: keyOf(parent.$id, child.$id),
  igroup: parent.$id,
  svm: text(parent, 'svm'),
  uuid: child.$id,
  name: text(child, 'name'),
});

/** Nests igroups in a new one. */
export const addChildren = (parent: Entry, children: readonly Entry[], world: World): void => {
  for (const child of children) {
    if (world.store.find(CHILD, keyOf(parent.$id, child.$id))) throw alreadyThere(text(child, 'name'));
    world.store.put(CHILD, linkOf(parent, child));
    checkHierarchy(parent.$id, child, world);
  }
};

/** The igroup that a body names. */
const meant = (given: Entry, parent: Entry, world: World): Entry => {
  const [uuid, name] = [findText(given, 'uuid'), findText(given, 'name')];
  if (uuid === undefined && name === undefined) throw missingValue('name');
  const direct = uuid === undefined ? undefined : world.store.find('igroup', uuid);
  const found = (direct ? [direct] : world.store.by('igroup', 'name', name ?? '')).find(
    (igroup) => igroup['svm'] === parent['svm'] && isMeant(igroup, uuid, name),
  );
  if (!found)
    throw new Refusal(400, 5374878, `The igroup "${name ?? uuid}" does not exist, or is in another SVM.`, 'name');
  return found;
};

/** `/protocols/san/igroups/{igroup.uuid}/igroups`: the igroups that are nested in one directly. */
export const igroupChild: Resource = {
  kind: CHILD,
  path: '/protocols/san/igroups/{igroup.uuid}/igroups',
  keys: ['uuid'],
  takesRecords: true,
  order: ['igroup', 'name'],
  since: '9.9.1',
  fields: {
    uuid: { kind: 'string', key: true, write: 'create' },
    name: { kind: 'string', key: true, write: 'create' },
    igroup: { kind: 'ref', to: 'igroup', children: ['uuid', 'name'], write: 'never' },
  },
  indexes: ['igroup', 'uuid', 'svm'],
  unique: [{ fields: ['igroup', 'uuid'], refusal: (link) => alreadyThere(text(link, 'name')) }],
  parameters: { remove: ['allow_delete_while_mapped'] },
  noParent: (given) => new Refusal(404, 5374852, `The igroup "${given}" does not exist.`, 'igroup.uuid'),
  absent: (method) =>
    method === 'DELETE' ? new Refusal(404, 5374738, 'The igroup is not nested in this one.', 'uuid') : noEntry('uuid'),
  inside: [
    { kind: 'igroup', field: 'igroup' },
    {
      kind: 'igroup',
      field: 'uuid',
      follow: (link, { name }) => (name === link['name'] ? undefined : { name }),
    },
  ],
  identify: (draft, world) => {
    const parent = world.store.get('igroup', text(draft, 'igroup'));
    return keyOf(parent.$id, meant({ ...draft, $id: '' }, parent, world).$id);
  },
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const parent = world.store.get('igroup', text(draft, 'igroup'));
      const child = meant(draft, parent, world);
      checkPair(parent, child, world);
      return linkOf(parent, child);
    },
    effects: (link, { world }) =>
      checkHierarchy(text(link, 'igroup'), world.store.get('igroup', text(link, 'uuid')), world),
  },
  remove: {
    asynchronous: false,
    check: (link, context) => checkUnmapped(text(link, 'igroup'), 'take an igroup out of it', context),
  },
};
