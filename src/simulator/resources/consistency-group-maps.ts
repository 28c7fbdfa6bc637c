import type { Context } from '../core/declaration.ts';
import { objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { isMeant } from './lookups.ts';
import { planPart, type Part } from './request-parts.ts';

/** The igroups and subsystems to which LUNs and namespaces of a consistency group are mapped as they are made. */

/** Members of an element below a path, by their names there; undefined ones are left out. */
const below = (given: StoredObject, path: string, members: readonly string[]): StoredObject =>
  Object.fromEntries(
    members
      .filter((member) => given[`${path}.${member}`] !== undefined)
      .map((member) => [member, given[`${path}.${member}`]]),
  );

const findIn = (kind: string, { uuid, name }: StoredObject, svm: string, world: World): Entry | undefined =>
  world.store.all(kind).find((entry) => entry['svm'] === svm && isMeant(entry, uuid, name));

const planned = (kind: string, name: string, parts: readonly Part[]): boolean =>
  parts.some((part) => part.kind === kind && 'entry' in part && part.entry['name'] === name);

/** What a map needs beside the unit: an igroup or a subsystem that is not there is made, with the unit's system. */
interface Holder {
  readonly kind: 'igroup' | 'nvme_subsystem';
  readonly given: StoredObject;
  readonly members: readonly string[];
  readonly refusal: () => Refusal;
}

const planHolder = (holder: Holder, unit: StoredObject, svm: string, before: readonly Part[], context: Context) => {
  const { kind, given, members } = holder;
  const found = findIn(kind, given, svm, context.world);
  const there = found !== undefined || planned(kind, text(given, 'name'), before);
  if (there && found && members.some((member) => objects(given, member).length > 0)) throw holder.refusal();
  if (there) return [];
  const { uuid: _uuid, ...wanted } = given;
  const body = { os_type: unit['os_type'], ...wanted, 'svm.uuid': svm };
  return [{ kind, entry: planPart(kind, body, context) }];
};

const nameOf = (given: StoredObject) =>
  given['name'] === undefined ? { uuid: text(given, 'uuid') } : { name: text(given, 'name') };

/** Parts that map a LUN or namespace of this name; `before`: what the request makes already. */
export const planMaps = (
  kind: 'lun' | 'namespace',
  name: string,
  given: StoredObject,
  svm: string,
  before: readonly Part[],
  context: Context,
): readonly Part[] =>
  kind === 'lun' ? lunMaps(name, given, svm, before, context) : subsystemMap(name, given, svm, before, context);

const lunMaps = (name: string, lun: StoredObject, svm: string, before: readonly Part[], context: Context) => {
  const parts: Part[] = [];
  for (const map of objects(lun, 'lun_maps')) {
    const igroup = below(map, 'igroup', ['uuid', 'name', 'comment', 'os_type', 'protocol', 'initiators', 'igroups']);
    const holder: Holder = {
      kind: 'igroup',
      given: igroup,
      members: ['initiators', 'igroups'],
      refusal: () =>
        new Refusal(
          400,
          53411862,
          'An igroup that is there cannot be changed by this request.',
          'luns.lun_maps.igroup',
        ),
    };
    parts.push(...planHolder(holder, lun, svm, [...before, ...parts], context));
    parts.push({
      kind: 'lun_map',
      body: {
        'svm.uuid': svm,
        lun: { name },
        igroup: nameOf(igroup),
        ...(map['logical_unit_number'] === undefined ? {} : { logical_unit_number: map['logical_unit_number'] }),
      },
    });
  }
  return parts;
};

const SUBSYSTEM = 'subsystem_map.subsystem';

const subsystemMap = (name: string, unit: StoredObject, svm: string, before: readonly Part[], context: Context) => {
  const subsystem = below(unit, SUBSYSTEM, ['uuid', 'name', 'comment', 'os_type', 'hosts']);
  if (Object.keys(subsystem).length === 0) return [];
  const holder: Holder = {
    kind: 'nvme_subsystem',
    given: subsystem,
    members: ['hosts'],
    refusal: () => notSimulated('Adding hosts to a subsystem that is there, by a consistency group,'),
  };
  return [
    ...planHolder(holder, unit, svm, before, context),
    { kind: 'nvme_map', body: { 'svm.uuid': svm, namespace: { name }, subsystem: nameOf(subsystem) } },
  ];
};
