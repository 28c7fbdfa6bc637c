import type { Context, Field, Values } from '../core/declaration.ts';
import { integer, isStoredList, isStoredObject, text, type Entry, type StoredObject } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { unmodelled } from './common.ts';
import { membersOf } from './consistency-group-members.ts';
import { planPart, type Part } from './request-parts.ts';

/** The LUNs and namespaces in the volumes of a consistency group. */

const KINDS = { luns: 'lun', namespaces: 'namespace' } as const;

type Kind = (typeof KINDS)[keyof typeof KINDS];

/** What a request may say about a new one: members that it has under its own path too. */
const PASSED = ['name', 'os_type', 'space.size'];

/** The records of a kind that lie in volumes. */
export const inVolumes = (kind: Kind, volumes: readonly Entry[], world: World): readonly string[] =>
  volumes.flatMap((volume) => world.store.by(kind, 'location.volume', volume.$id)).map((entry) => entry.$id);

/** Shown as they lie in the volumes; a request names new ones. */
export const unitsField = (kind: Kind): Field => ({
  kind: 'objects',
  to: kind,
  of: {
    uuid: { kind: 'string', write: 'never' },
    name: { kind: 'string' },
    os_type: { kind: 'string' },
    'space.size': { kind: 'size' },
    'provisioning_options.action': { kind: 'enum', values: ['create'] },
    'provisioning_options.count': { kind: 'integer' },
    ...unmodelled('clone', 'comment', 'enabled', 'lun_maps', 'qos', 'serial_number', 'status', 'subsystem_map'),
  },
  compute: (group, world) =>
    inVolumes(kind, membersOf(group, world), world).map((id) => {
      const unit = world.store.get(kind, id);
      return { $ref: id, uuid: id, name: unit['name'], os_type: unit['os_type'], 'space.size': unit['space.size'] };
    }),
});

const wantedUnit = (
  kind: Kind,
  given: StoredObject,
  svm: string,
  members: ReadonlySet<string>,
  context: Context,
): Part => {
  if (text(given, 'name') === '' || integer(given, 'provisioning_options.count') > 1)
    throw notSimulated(`A ${kind} of a consistency group whose name ONTAP makes up`);
  const passed = Object.fromEntries(
    PASSED.filter((path) => given[path] !== undefined).map((path) => [path, given[path]]),
  );
  const entry = planPart(kind, { ...passed, 'svm.uuid': svm }, context);
  if (!members.has(text(entry, 'location.volume'))) {
    throw new Refusal(
      400,
      53411857,
      `The volume of "${text(given, 'name')}" is not in the consistency group. Add the volume.`,
      `${kind}s`,
    );
  }
  return { kind, entry };
};

/** The LUNs and namespaces that a body wants made in volumes that are there and in the group. */
export const wantedUnits = (
  values: Values,
  svm: string,
  members: ReadonlySet<string>,
  context: Context,
): readonly Part[] =>
  Object.entries(KINDS).flatMap(([path, kind]) => {
    const given = values[path];
    return (given !== undefined && isStoredList(given) ? given : [])
      .filter(isStoredObject)
      .map((each) => wantedUnit(kind, each, svm, members, context));
  });
