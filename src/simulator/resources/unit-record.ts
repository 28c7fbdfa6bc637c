import type { Inside } from '../core/contents.ts';
import type { Creation, Modification, Removal } from '../core/declaration.ts';
import { findText, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { checkSimpleName, findPlace, nameInVolume, qtreeOfCopy, type PlaceCodes } from './lun-name.ts';
import { isDisaggregatedSan } from './unit-volume.ts';

/** What the records of LUNs and of namespaces have in common. */

/** The member of a record that holds the last part of its path. */
type BaseMember = 'location.logical_unit' | 'location.namespace';

/** The place in a volume that a body names. */
export const placeOf = (draft: Entry, base: BaseMember, codes: PlaceCodes, world: World) => {
  const place = findPlace(
    {
      name: findText(draft, 'name'),
      base: findText(draft, base),
      volume: findText(draft, 'location.volume'),
      qtree: findText(draft, 'location.qtree'),
    },
    text(draft, 'svm'),
    codes,
    world,
  );
  return { name: place.name, 'location.volume': place.volume.$id, [base]: place.base, 'location.qtree': place.qtree };
};

/** On ASA r2 each has a simple name, and a volume of its own, whose key is drawn here. */
export const unitPlaceOf = (draft: Entry, base: BaseMember, world: World) => {
  const name = text(draft, 'name');
  if (name === '') throw new Refusal(400, 5374862, 'No name was specified.', 'name');
  checkSimpleName(name);
  return { name, 'location.volume': world.random.uuid('volume'), [base]: undefined, 'location.qtree': undefined };
};

/**
 * They are data of their volume. A QoS policy is not inherited, and a copy is not mapped.
 * @param own further members that a copy has of its own
 */
export const insideVolume = (own: (world: World) => StoredObject): Inside => ({
  kind: 'volume',
  field: 'location.volume',
  copied: (copy, volume, world) => ({
    ...copy,
    svm: text(volume, 'svm'),
    name: nameInVolume(copy, volume, world),
    ...qtreeOfCopy(copy, volume),
    ...own(world),
    create_time: world.clock.text(),
    qos_policy: undefined,
  }),
  follow: (entry, volume, world) => {
    const name = nameInVolume(entry, volume, world);
    return name === entry['name'] ? undefined : { name };
  },
});

/** On ASA r2 they are made, renamed and removed by jobs, elsewhere at once. */
export const unitJobs: {
  readonly create: Creation['asynchronous'];
  readonly modify: Modification['asynchronous'];
  readonly remove: Removal['asynchronous'];
} = {
  create: (_values, { world }) => isDisaggregatedSan(world),
  modify: (changes, { world }) =>
    isDisaggregatedSan(world) && (changes['name'] !== undefined || changes['qos_policy'] !== undefined),
  remove: (_values, { world }) => isDisaggregatedSan(world),
};
