import type { Context } from '../core/declaration.ts';
import { integer, objects, text, type StoredObject } from '../core/entry.ts';
import { missingValue, notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { planMaps } from './consistency-group-maps.ts';
import { numberedNames, type Names } from './consistency-group-names.ts';
import { ownUnits } from './consistency-group-own-units.ts';
import type { UnitKind } from './consistency-group-unit-fields.ts';
import { newVolume, type Target, type Wanted } from './consistency-group-volumes.ts';
import { unitNamed } from './lun-name.ts';
import { namedIn } from './lookups.ts';
import { planPart, planPartChange, type Part } from './request-parts.ts';
import { isDisaggregatedSan } from './unit-volume.ts';
import { SMALLEST_FLEXVOL } from './volume-checks.ts';

/** The LUNs and namespaces that a body wants made, or changed, in the volumes of a group. */

const KINDS = { luns: 'lun', namespaces: 'namespace' } as const;
const MOST = 16;
const COUNT = 'provisioning_options.count';
const ACTION = 'provisioning_options.action';

/** A volume that is made for its LUNs is so much greater than they are: 108003328 bytes for one of 104857600. */
const ROOM = 1.03;

/** What a request may say about one: members of an element, by the members that it has under its own path. */
const PASSED: Readonly<Record<string, string>> = {
  name: 'name',
  os_type: 'os_type',
  comment: 'comment',
  'space.size': 'space.size',
  'space.block_size': 'space.block_size',
  'space.guarantee.requested': 'space.guarantee.requested',
  'qos.policy.name': 'qos_policy.name',
  'qos.policy.uuid': 'qos_policy.uuid',
  'clone.source.name': 'clone.source.name',
  'clone.source.uuid': 'clone.source.uuid',
};

interface Wish {
  readonly kind: UnitKind;
  readonly given: StoredObject;
  /** Its path. */
  readonly name: string;
  /** Name of its volume. */
  readonly volume: string;
}

const bodyOf = (given: StoredObject): StoredObject =>
  Object.fromEntries(
    Object.entries(PASSED)
      .filter(([path]) => given[path] !== undefined)
      .map(([path, own]) => [own, given[path]]),
  );

/** Empty for what is no path; the request for the LUN itself refuses it. */
const volumeIn = (path: string): string => /^\/vol\/([^/]+)\/./.exec(path)?.[1] ?? '';

/** One wish for each LUN or namespace: an element may stand for several. */
const wishesOf = (given: StoredObject, volumes: readonly string[], target: Target, world: World): readonly Wish[] => {
  const svm = target.svm.$id;
  const names = numberedNames('unit', (name) => unitNamed(name, svm, world) !== undefined);
  return Object.entries(KINDS).flatMap(([path, kind]) => {
    const elements = objects(given, path);
    if (elements.length > MOST) throw new Refusal(400, 53411853, `"${path}" has more than ${MOST} elements.`, path);
    return elements.flatMap((each) =>
      namesOf(each, path, volumes, names).map((name) => ({
        kind,
        given: { ...each, name },
        name,
        volume: volumeIn(name),
      })),
    );
  });
};

const namesOf = (given: StoredObject, path: string, volumes: readonly string[], names: Names): readonly string[] => {
  const name = text(given, 'name');
  if (name !== '' && given[COUNT] === undefined) return [name];
  const count = integer(given, COUNT) || 1;
  if (count > 1 && objects(given, 'lun_maps').some((map) => map['logical_unit_number'] !== undefined))
    throw new Refusal(
      400,
      53411853,
      `"logical_unit_number" cannot be given for ${count} LUNs.`,
      'luns.lun_maps.logical_unit_number',
    );
  const [volume, second] = volumes;
  if (name === '' && second !== undefined)
    throw notSimulated(`How ONTAP spreads "${path}" without names over several volumes`);
  if (name === '' && volume === undefined) throw missingValue(`${path}.name`);
  return Array.from({ length: count }, () => names.next(name || `/vol/${volume}/${volume}`));
};

/** Volumes that are not there and follow from the names of the units in them. */
const volumesFor = (wishes: readonly Wish[], usual: StoredObject, target: Target, context: Context) => {
  const sizes = new Map<string, number>();
  for (const { volume, given } of wishes) sizes.set(volume, (sizes.get(volume) ?? 0) + integer(given, 'space.size'));
  return [...sizes].map(([name, size]) => {
    const room = Math.max(SMALLEST_FLEXVOL, Math.ceil(size * ROOM));
    return newVolume({ ...usual, name, 'space.size': room, 'space.snapshot.reserve_percent': 0 }, target, context);
  });
};

interface Units {
  /** Volumes that are made for them. */
  readonly volumes: readonly Wanted[];
  readonly parts: readonly Part[];
}

/** `volumes`: those that the body names. `members`: keys of all that the group has then. */
export const wantedUnits = (
  given: StoredObject,
  usual: StoredObject,
  volumes: readonly Wanted[],
  members: ReadonlySet<string>,
  target: Target,
  context: Context,
): Units => {
  const { world } = context;
  if (isDisaggregatedSan(world)) return { volumes: ownUnits(given, bodyOf, target, context), parts: [] };
  const svm = target.svm.$id;
  const held = [...members].flatMap((id) => {
    const name = text(world.store.find('volume', id) ?? {}, 'name');
    return name === '' ? [] : [name];
  });
  const made = new Set(volumes.flatMap(({ action, name }) => (action === 'create' ? [name] : [])));
  const stay = volumes.filter(({ action }) => action !== 'remove').map(({ name }) => name);
  const wishes = wishesOf(given, stay.length > 0 ? stay : held, target, world);
  const missing = wishes.filter(
    ({ volume }) => volume !== '' && !made.has(volume) && !namedIn('volume', volume, svm, world),
  );
  const derived = volumesFor(missing, usual, target, context);
  const late = new Set([...made, ...derived.map(({ name }) => name)]);
  const parts: Part[] = [];
  for (const wish of wishes) parts.push(...partsOf(wish, late.has(wish.volume), members, parts, target, context));
  return { volumes: derived, parts };
};

/** `late`: its volume is made with it. */
const partsOf = (
  { kind, given, name }: Wish,
  late: boolean,
  members: ReadonlySet<string>,
  before: readonly Part[],
  { svm, group }: Target,
  context: Context,
): readonly Part[] => {
  const there = !late && group && text(given, ACTION) === '' ? namedIn(kind, name, svm.$id, context.world) : undefined;
  const maps = planMaps(kind, name, { os_type: there?.['os_type'], ...given }, svm.$id, before, context);
  const body = { ...bodyOf(given), 'svm.uuid': svm.$id };
  if (late) return [{ kind, body }, ...maps];
  const entry = there ?? planPart(kind, body, context);
  if (!members.has(text(entry, 'location.volume'))) {
    throw new Refusal(
      400,
      53411857,
      `The volume of "${name}" is not in the consistency group. Add the volume.`,
      `${kind}s`,
    );
  }
  if (!there) return [{ kind, entry }, ...maps];
  const { name: _name, ...changes } = bodyOf(given);
  return Object.keys(changes).length === 0 ? maps : [planPartChange(kind, there, changes, context), ...maps];
};
