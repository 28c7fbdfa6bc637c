import type { Context, Resource, Values } from '../core/declaration.ts';
import { findText, flag, integer, text, type Entry, type StoredObject } from '../core/entry.ts';
import { BYTES } from '../core/extents.ts';
import { notInPatch, notSimulated, Refusal } from '../core/refusal.ts';
import { parseBoolean } from '../core/scalars.ts';
import type { World } from '../core/world.ts';
import { readAttributes, setAttributes, type Attribute } from './lun-attribute.ts';
import { findCloneSource, inheritedValues, namesSource, type CloneSource } from './lun-clone.ts';
import { lunData } from './lun-data.ts';
import { containerState, lunFields, mapsOf, UNSIMULATED } from './lun-fields.ts';
import { readCopy, type LunCopy } from './lun-copy.ts';
import { movementIn } from './lun-movement.ts';
import { checkSimpleName, findPlace, LUN_CODES, unitNamed } from './lun-name.ts';
import { checkResize, checkRoom, heldBytes } from './lun-space.ts';
import { forgetQosPolicy } from './qos-policy.ts';
import { lunFromNamespace, removeConverted } from './unit-convert.ts';
import { insideVolume, placeOf, unitJobs, unitPlaceOf } from './unit-record.ts';
import {
  addUnitVolume,
  changeUnitVolume,
  checkUnitRemovable,
  isDisaggregatedSan,
  removeUnitVolume,
} from './unit-volume.ts';
import { shiftData } from './volume-data.ts';
import { shiftHeld, volumeContents } from './volume-contents.ts';

const LUN = 'lun';
const BASE = 'location.logical_unit';
const SERIAL_LENGTH = 12;

const isTrue = (value: string | undefined): boolean => value !== undefined && parseBoolean(value) === true;

const refuseUnsimulated = (values: { readonly [path: string]: unknown }) => {
  const given = UNSIMULATED.find((path) => values[path] !== undefined);
  if (given) throw notSimulated(`The property "${given}" of a LUN`);
};

/** The attributes of a new LUN wait in its record until it is made. */
const packed = (attributes: readonly Attribute[]): readonly StoredObject[] =>
  attributes.map(({ name, value }) => ({ name, value }));

const unpacked = (lun: Entry): readonly Attribute[] =>
  (Array.isArray(lun['$attributes']) ? lun['$attributes'] : []).map((each: StoredObject) => ({
    name: text(each, 'name'),
    value: text(each, 'value'),
  }));

const newSerial = (world: World): string => world.random.letters('serial/lun', SERIAL_LENGTH);

const prepareLun = (draft: Entry, { world }: Context): Entry => {
  refuseUnsimulated(draft);
  const converted = lunFromNamespace(draft, world);
  if (converted) return { ...converted, serial_number: newSerial(world) };
  const copy = readCopy(draft, world);
  if (copy) return copiedTo(draft, copy, world);
  if (text(draft, 'class') !== '' && text(draft, 'class') !== 'regular')
    throw new Refusal(400, 262197, 'Only regular LUNs can be created.', 'class');
  const own = isDisaggregatedSan(world);
  const source = namesSource(draft) ? findCloneSource(draft, text(draft, 'svm'), world) : undefined;
  if (source && own) throw new Refusal(400, 5374942, 'A unit is cloned by "/storage/storage-units".', 'clone');
  const place = own ? unitPlaceOf(draft, BASE, world) : placeOf(draft, BASE, LUN_CODES, world);
  const values = source ? clonedValues(draft, source, place['location.volume']) : newValues(draft);
  const { attributes: _attributes, 'clone.source.name': _name, 'clone.source.uuid': _uuid, ...given } = draft;
  const lun: Entry = {
    ...given,
    ...values,
    ...place,
    $id: draft.$id,
    class: 'regular',
    create_time: world.clock.text(),
    serial_number: newSerial(world),
    ...(source ? { $cloned: true } : {}),
  };
  checkName(lun, source !== undefined, world);
  checkRoom(lun, heldBytes(lun), world);
  return { ...lun, $held: heldBytes(lun), $simple: own };
};

const copiedTo = (draft: Entry, { values, attributes }: LunCopy, world: World): Entry => {
  if (isDisaggregatedSan(world)) throw notSimulated('Copying a storage unit');
  const lun: Entry = {
    ...values,
    ...placeOf(draft, BASE, LUN_CODES, world),
    $id: draft.$id,
    uuid: draft.$id,
    svm: text(draft, 'svm'),
    class: 'regular',
    create_time: world.clock.text(),
    serial_number: newSerial(world),
    $attributes: packed(attributes),
  };
  checkName(lun, false, world);
  checkRoom(lun, heldBytes(lun) + integer(lun, '$written'), world);
  return { ...lun, $held: heldBytes(lun) };
};

const newValues = (draft: Entry) => {
  for (const path of ['os_type', 'space.size']) {
    if (draft[path] === undefined)
      throw new Refusal(400, 5374884, `The property "${path}" is required for a new LUN.`, path);
  }
  return {
    'space.guarantee.requested': flag(draft, 'space.guarantee.requested'),
    'space.scsi_thin_provisioning_support_enabled': flag(draft, 'space.scsi_thin_provisioning_support_enabled'),
    $attributes: packed(readAttributes(draft)),
  };
};

const clonedValues = (draft: Entry, { lun, attributes }: CloneSource, volume: string) => {
  for (const path of ['os_type', 'attributes']) {
    if (draft[path] !== undefined)
      throw new Refusal(400, 5374883, `The property "${path}" cannot be given for a LUN clone.`, path);
  }
  if (text(lun, 'location.volume') !== volume)
    throw new Refusal(400, 1260121, 'The clone and its source are not in the same volume.', 'clone.source');
  const size = draft['space.size'] === undefined ? integer(lun, 'space.size') : integer(draft, 'space.size');
  if (size < integer(lun, 'space.size'))
    throw new Refusal(400, 5374883, 'A clone cannot be smaller than its source.', 'space.size');
  const given = Object.fromEntries(
    ['comment', 'space.guarantee.requested']
      .filter((path) => draft[path] !== undefined)
      .map((path) => [path, draft[path]]),
  );
  return { ...inheritedValues(lun), ...given, 'space.size': size, $attributes: packed(attributes) };
};

/** Names are shared with namespaces, whose records the unique rule of LUNs does not see. */
const checkName = (lun: Entry, cloned: boolean, world: World) => {
  const other = unitNamed(text(lun, 'name'), text(lun, 'svm'), world);
  if (other && other.$id !== lun.$id)
    throw cloned ? new Refusal(409, 1260136, `"${text(lun, 'name')}" exists already.`, 'name') : nameTaken(lun, world);
};

const nameTaken = (lun: Entry, world: World): Refusal => {
  const name = text(lun, 'name');
  if (isDisaggregatedSan(world)) return new Refusal(409, 5440688, `The name "${name}" is in use.`, 'name');
  return world.store.find(LUN, lun.$id)
    ? new Refusal(409, 1254196, `A LUN or NVMe namespace exists at "${name}" already.`, 'name')
    : new Refusal(409, 5374242, `A LUN or NVMe namespace exists at "${name}" already.`, 'name');
};

/** What the LUN of a PATCH becomes. */
const prepareChange = (changes: Values, before: Entry, { world }: Context): Values => {
  refuseUnsimulated(changes);
  checkOnline(before, world);
  const { 'clone.source.name': _name, 'clone.source.uuid': _uuid, ...given } = changes;
  const renamed = relocated(changes, before, world);
  const overwritten = namesSource(changes)
    ? overwrittenBy(findCloneSource(changes, text(before, 'svm'), world), before)
    : {};
  if (typeof changes['space.size'] === 'number') checkResize(before, changes['space.size']);
  const after: Entry = { ...before, ...overwritten, ...given, ...renamed, $id: before.$id };
  if (Object.keys(renamed).length > 0) checkName(after, false, world);
  const moves = after['location.volume'] !== before['location.volume'];
  const there = moves ? -integer(after, '$written') : integer(before, '$held');
  checkRoom(after, heldBytes(after) - there, world);
  return {
    ...overwritten,
    ...movementIn(given, before, after, world),
    ...renamed,
    ...(heldBytes(after) === integer(before, '$held') ? {} : { $held: heldBytes(after) }),
  };
};

/** Where a PATCH puts the LUN, by its name or by parts of its location; empty: where it is. */
const relocated = (changes: Values, before: Entry, world: World): StoredObject => {
  const [name, volume, base] = ['name', 'location.volume', BASE].map((path) => findText({ ...changes }, path));
  if (name === undefined && volume === undefined && base === undefined) return {};
  if (isDisaggregatedSan(world)) {
    if (name === undefined || volume !== undefined || base !== undefined) throw notInPatch('location');
    checkSimpleName(name);
    return { name };
  }
  if (name !== undefined && !name.includes('/'))
    throw new Refusal(400, 5374352, `The name "${name}" is not of the form "/vol/<volume>[/<qtree>]/<name>".`, 'name');
  const stays = volume === undefined || volume === before['location.volume'];
  const own = {
    base: text(before, BASE),
    volume: text(before, 'location.volume'),
    qtree: stays ? findText(before, 'location.qtree') : undefined,
  };
  const kept = name === undefined ? own : { base: undefined, volume: undefined, qtree: undefined };
  const given = { name, base: base ?? kept.base, volume: volume ?? kept.volume, qtree: kept.qtree };
  const place = findPlace(given, text(before, 'svm'), LUN_CODES, world);
  return {
    name: place.name,
    [BASE]: place.base,
    'location.qtree': place.qtree,
    // Into another volume it is moved: its maps and its serial number stay.
    'location.volume': place.volume.$id,
  };
};

/** Data, size and metadata come from the source; identity, maps and QoS stay. */
const overwrittenBy = ({ lun, attributes }: CloneSource, before: Entry) => {
  if (lun['location.volume'] !== before['location.volume'])
    throw new Refusal(400, 1260121, 'The LUN and the source are not in the same volume.', 'clone.source');
  // The blocks are the source's; what was written here is gone.
  return { [BYTES]: undefined, ...inheritedValues(lun), $written: undefined, $attributes: packed(attributes) };
};

const checkOnline = (lun: Entry, world: World) => {
  const state = containerState(lun, world);
  if (state === 'aggregate_offline') throw new Refusal(409, 5374865, "The LUN's aggregate is offline.");
  if (state === 'volume_offline') throw new Refusal(409, 5374866, "The LUN's volume is offline.");
};

const checkRemovable = (lun: Entry, { world, parameters }: Context) => {
  checkOnline(lun, world);
  if (mapsOf(lun.$id, world).length > 0 && !isTrue(parameters['allow_delete_while_mapped'])) {
    throw new Refusal(
      409,
      1254197,
      `The LUN "${text(lun, 'name')}" is mapped. Specify "allow_delete_while_mapped" to delete it.`,
    );
  }
  if (isDisaggregatedSan(world)) checkUnitRemovable(lun, world);
};

const shiftUnit = (volume: string, held: number, written: number, world: World) => {
  shiftHeld(volume, held, world);
  shiftData(volume, written, world);
};

/** After the record was made or changed: its attributes, and what it takes out of its volume. */
const settle = (lun: Entry, before: StoredObject, world: World) => {
  if (lun['$attributes'] !== undefined) {
    setAttributes(lun.$id, unpacked(lun), world);
    world.store.change(LUN, lun.$id, { $attributes: undefined });
  }
  const volume = text(lun, 'location.volume');
  const from = text(before, 'location.volume') || volume;
  if (from !== volume) shiftUnit(from, -integer(before, '$held'), -integer(before, '$written'), world);
  const there = from === volume ? before : {};
  shiftUnit(
    volume,
    integer(lun, '$held') - integer(there, '$held'),
    integer(lun, '$written') - integer(there, '$written'),
    world,
  );
};

/** `/storage/luns`. On ASA r2 a LUN is a storage unit: it has a simple name and is made and removed by jobs. */
export const lun: Resource = {
  kind: LUN,
  path: '/storage/luns',
  keys: ['uuid'],
  fields: lunFields,
  indexes: ['svm', 'location.volume', 'qos_policy'],
  unique: [
    {
      fields: ['svm', 'name'],
      refusal: nameTaken,
      pending: (entry) => new Refusal(409, 5702832, `"${text(entry, 'name')}" is being created.`, 'name'),
    },
  ],
  parameters: { remove: ['allow_delete_while_mapped', 'bypass_recovery_queue'] },
  unknown: (given, field) => new Refusal(404, 5374875, `The LUN "${given}" does not exist.`, field),
  data: lunData,
  inside: [insideVolume((world) => ({ serial_number: newSerial(world), $move: undefined }))],
  reactions: [...volumeContents, forgetQosPolicy(LUN, 'qos_policy')],
  create: {
    asynchronous: unitJobs.create,
    prepare: prepareLun,
    effects: (entry, { world }) => {
      if (flag(entry, '$simple')) addUnitVolume(entry, world);
      removeConverted('namespace', entry, world);
      settle(entry, {}, world);
    },
  },
  modify: {
    asynchronous: unitJobs.modify,
    prepare: prepareChange,
    effects: (after, before, { world }) => {
      if (flag(after, '$simple')) changeUnitVolume(after, world);
      settle(after, before, world);
    },
  },
  remove: {
    asynchronous: unitJobs.remove,
    check: checkRemovable,
    effects: (entry, { world }) => {
      shiftHeld(text(entry, 'location.volume'), -integer(entry, '$held'), world);
      shiftData(text(entry, 'location.volume'), -integer(entry, '$written'), world);
      if (flag(entry, '$simple')) removeUnitVolume(entry, world);
    },
  },
};
