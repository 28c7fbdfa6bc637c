import type { Context } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { parseBoolean } from '../core/scalars.ts';
import type { World } from '../core/world.ts';

/** Who is in an igroup: initiators of its own, or those of the igroups that are nested in it. */

export const INITIATOR = 'igroup_initiator';
export const CHILD = 'igroup_child';

/** The initiators that the igroup has itself. */
export const initiatorsOf = (igroup: string, world: World): readonly Entry[] =>
  world.store.by(INITIATOR, 'igroup', igroup);

/** Igroups of the same SVM that have the initiator themselves. */
export const igroupsOf = (initiator: string, svm: string, world: World): readonly string[] =>
  world.store
    .by(INITIATOR, 'name', initiator)
    .filter((entry) => entry['svm'] === svm)
    .map((entry) => text(entry, 'igroup'));

/** Igroups that are nested in the igroup directly. */
export const childrenOf = (igroup: string, world: World): readonly string[] =>
  world.store.by(CHILD, 'igroup', igroup).map((link) => text(link, 'uuid'));

/** Igroups that the igroup is nested in directly. */
export const parentsOf = (igroup: string, world: World): readonly string[] =>
  world.store.by(CHILD, 'uuid', igroup).map((link) => text(link, 'igroup'));

/** The igroup and all that are nested below it, each as often as there are ways down to it. */
export const withNested = (igroup: string, world: World): readonly string[] => [
  igroup,
  ...childrenOf(igroup, world).flatMap((child) => withNested(child, world)),
];

/** The igroup and all that it is nested in, each once. */
export const withParents = (igroup: string, world: World): readonly string[] => [
  ...new Set([igroup, ...parentsOf(igroup, world).flatMap((parent) => withParents(parent, world))]),
];

/** The initiators of the igroup and of all that are nested below it. */
export const allInitiatorsOf = (igroup: string, world: World): readonly Entry[] =>
  withNested(igroup, world).flatMap((each) => initiatorsOf(each, world));

/** Igroups whose maps reach the initiator: those that have it, and those that they are nested in. */
export const igroupsReaching = (initiator: string, svm: string, world: World): readonly string[] =>
  igroupsOf(initiator, svm, world).flatMap((each) => withParents(each, world));

const mapsOf = (igroup: string, world: World): readonly Entry[] => world.store.by('lun_map', 'igroup', igroup);

/** Refuses when the initiator, reached through these igroups, would see a LUN twice, or two LUNs under one number. */
export const checkView = (initiator: string, igroups: readonly string[], world: World): void => {
  const maps = [...new Set(igroups)].flatMap((igroup) => mapsOf(igroup, world));
  if (new Set(maps.map((map) => map['lun'])).size < maps.length)
    throw new Refusal(409, 1254193, `The initiator "${initiator}" would see a LUN twice.`);
  if (new Set(maps.map((map) => map['logical_unit_number'])).size < maps.length)
    throw new Refusal(409, 1254324, `The initiator "${initiator}" would see two LUNs under one number.`);
};

/**
 * Refuses to take something out of an igroup that is mapped, itself or as part of another, unless the request allows it.
 * @param purpose what the request is to do, for the message
 */
export const checkUnmapped = (igroup: string, purpose: string, { world, parameters }: Context): void => {
  if (parseBoolean(parameters['allow_delete_while_mapped'] ?? 'false') === true) return;
  const mapped = withParents(igroup, world).find((each) => mapsOf(each, world).length > 0);
  if (mapped !== undefined) {
    throw new Refusal(
      409,
      1254213,
      `The igroup "${text(world.store.get('igroup', mapped), 'name')}" is mapped. Specify "allow_delete_while_mapped" to ${purpose}.`,
    );
  }
};
