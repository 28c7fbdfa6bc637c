import type { Context, Fields, Values } from '../core/declaration.ts';
import { integer, objects, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { missingValue, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { passing } from './common.ts';
import { planMaps } from './consistency-group-maps.ts';
import { MEMBERS, membersOf } from './consistency-group-members.ts';
import { numberedNames } from './consistency-group-names.ts';
import { inVolumes, type UnitKind } from './consistency-group-unit-fields.ts';
import type { Target, Wanted } from './consistency-group-volumes.ts';
import { namedIn } from './lookups.ts';
import { unitNamed } from './lun-name.ts';
import { planPart, planPartChange, removalPart, withParts, type Part } from './request-parts.ts';

/**
 * On ASA r2 a group has storage units: the LUNs and namespaces that are made with it, each with a volume of its own
 * that nobody names. How units that are there come into a group is not documented.
 */

const KINDS = { luns: 'lun', namespaces: 'namespace' } as const;
const MOST = 256;
const COUNT = 'provisioning_options.count';
const ACTION = 'provisioning_options.action';

const conflict = (message: string, target: string) => new Refusal(400, 53411853, message, target);

/** What becomes of the units that a body names. `bodyOf`: what it says of one, as a request of its own has it. */
export const ownUnits = (
  given: StoredObject,
  bodyOf: (unit: StoredObject) => StoredObject,
  target: Target,
  context: Context,
): readonly Wanted[] => {
  const { world } = context;
  const svm = target.svm.$id;
  const names = numberedNames('unit', (name) => unitNamed(name, svm, world) !== undefined);
  const parts: Part[] = [];
  return Object.entries(KINDS).flatMap(([path, kind]) => {
    const elements = objects(given, path);
    if (elements.length > MOST) throw conflict(`"${path}" has more than ${MOST} elements.`, path);
    return elements.flatMap((each) => {
      const name = text(each, 'name');
      if (name === '') throw missingValue(`${path}.name`);
      const count = each[COUNT] === undefined ? undefined : integer(each, COUNT);
      const wanted = count === undefined ? [name] : Array.from({ length: count }, () => names.next(name));
      return wanted.map((own) => {
        const unit = ownUnit(kind, { ...each, name: own }, bodyOf, target, parts, context);
        parts.push(...unit.parts);
        return unit;
      });
    });
  });
};

const ownUnit = (
  kind: UnitKind,
  given: StoredObject,
  bodyOf: (unit: StoredObject) => StoredObject,
  { svm, group }: Target,
  before: readonly Part[],
  context: Context,
): Wanted => {
  const { world } = context;
  const name = text(given, 'name');
  const maps = (os: StoredObject) => planMaps(kind, name, { ...os, ...given }, svm.$id, before, context);
  const there = group && text(given, ACTION) === '' ? namedIn(kind, name, svm.$id, world) : undefined;
  if (there && group && texts(group, MEMBERS).includes(text(there, 'location.volume'))) {
    const { name: _name, ...changes } = bodyOf(given);
    const change = Object.keys(changes).length === 0 ? [] : [planPartChange(kind, there, changes, context)];
    const parts = [...change, ...maps({ os_type: there['os_type'] })];
    return { id: text(there, 'location.volume'), name, action: 'modify', parts };
  }
  const entry = planPart(kind, { ...bodyOf(given), 'svm.uuid': svm.$id }, context);
  return { id: text(entry, 'location.volume'), name, action: 'create', parts: [{ kind, entry }, ...maps({})] };
};

const MAP_TO = 'map_to.name';
const UNMAP_FROM = 'unmap_from.name';

/** All units of a group are mapped, and unmapped, at once. */
export const mappingFields: Fields = Object.fromEntries(
  [MAP_TO, UNMAP_FROM].map((path) => [path, passing('string', { write: 'modify', personalities: ['asa-r2'] })]),
);

export const mapsUnits = (changes: Values): boolean =>
  changes[MAP_TO] !== undefined || changes[UNMAP_FROM] !== undefined;

interface Mapping {
  readonly kind: 'lun_map' | 'nvme_map';
  readonly unit: 'lun' | 'namespace';
  readonly holder: 'igroup' | 'subsystem';
  readonly holders: 'igroup' | 'nvme_subsystem';
}

const MAPPINGS: Readonly<Record<UnitKind, Mapping>> = {
  lun: { kind: 'lun_map', unit: 'lun', holder: 'igroup', holders: 'igroup' },
  namespace: { kind: 'nvme_map', unit: 'namespace', holder: 'subsystem', holders: 'nvme_subsystem' },
};

/** Members of the group's record until its units are mapped or unmapped. */
export const planMapping = (changes: Values, group: Entry, { world }: Context): StoredObject => {
  const volumes = membersOf(group, world);
  const [luns, namespaces] = [inVolumes('lun', volumes, world), inVolumes('namespace', volumes, world)];
  if (luns.length > 0 && namespaces.length > 0)
    throw new Refusal(400, 53412058, 'The consistency group has both LUNs and namespaces.', 'map_to');
  const mapping = MAPPINGS[luns.length > 0 ? 'lun' : 'namespace'];
  const units = [...luns, ...namespaces];
  const { [UNMAP_FROM]: left, [MAP_TO]: taken } = changes;
  return withParts([
    ...(left === undefined ? [] : unmapped(mapping, units, findHolder(mapping, left, UNMAP_FROM, group, world), world)),
    ...(taken === undefined ? [] : mapped(mapping, units, findHolder(mapping, taken, MAP_TO, group, world), group)),
  ]);
};

const findHolder = ({ holders }: Mapping, name: unknown, path: string, group: Entry, world: World): Entry => {
  const found = world.store.all(holders).find((each) => each['name'] === name && each['svm'] === group['svm']);
  if (found) return found;
  throw world.resource(holders).unknown?.(String(name), path) ?? new Refusal(404, 4, "entry doesn't exist", path);
};

const mapped = (mapping: Mapping, units: readonly Entry[], holder: Entry, group: Entry): readonly Part[] =>
  units.map((unit) => ({
    kind: mapping.kind,
    body: {
      'svm.uuid': text(group, 'svm'),
      [mapping.unit]: { uuid: unit.$id },
      [mapping.holder]: { uuid: holder.$id },
    },
  }));

const unmapped = (mapping: Mapping, units: readonly Entry[], holder: Entry, world: World): readonly Part[] => {
  const own = new Set(units.map(({ $id }) => $id));
  const maps = world.store
    .all(mapping.kind)
    .filter((map) => map[mapping.holder] === holder.$id && own.has(text(map, mapping.unit)));
  if (maps.length === 0) throw conflict(`Nothing in the group is mapped to "${text(holder, 'name')}".`, UNMAP_FROM);
  return maps.map(({ $id }) => removalPart(mapping.kind, $id));
};
