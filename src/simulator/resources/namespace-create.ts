import { readFrozen } from '../core/contents.ts';
import type { Context, Values } from '../core/declaration.ts';
import { integer, text, type Entry, type StoredObject } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { MIB, TIB } from './common.ts';
import { containerState } from './lun-fields.ts';
import { checkSimpleName, unitNamed, type PlaceCodes } from './lun-name.ts';
import { namedIn } from './lookups.ts';
import { placeOf, unitPlaceOf } from './unit-record.ts';
import { namespaceFromLun } from './unit-convert.ts';
import { isDisaggregatedSan } from './unit-volume.ts';

const NAMESPACE = 'namespace';
const BASE = 'location.namespace';

const SMALLEST = 4 * MIB;
const GREATEST = 128 * TIB;

const NAMESPACE_CODES: PlaceCodes = {
  badName: 72089732,
  badPath: 5374352,
  noName: 5374862,
  noVolume: 72090014,
  inSnapshot: 72089720,
  rootVolume: 72089727,
  volumeOffline: 72090017,
  flexgroup: 72089728,
};

/** Properties that ONTAP takes and the simulator does not: giving one is answered with 501. */
export const UNSIMULATED = ['provisioning_options'] as const;

const refuseUnsimulated = (values: Values) => {
  const given = UNSIMULATED.find((path) => values[path] !== undefined);
  if (given) throw notSimulated(`The property "${given}" of an NVMe namespace`);
};

const checkNamespaceSize = (size: number): void => {
  if (size < 0) throw new Refusal(400, 72089722, 'A negative size was provided for the NVMe namespace.', 'space.size');
  if (size < SMALLEST)
    throw new Refusal(
      400,
      72089723,
      `The size ${size} is too small for the NVMe namespace. The minimum is ${SMALLEST} bytes.`,
      'space.size',
    );
  if (size > GREATEST)
    throw new Refusal(
      400,
      72089724,
      `The size ${size} is too large for the NVMe namespace. The maximum is ${GREATEST} bytes.`,
      'space.size',
    );
};

export const nameTaken = (namespace: Entry, world: World): Refusal =>
  isDisaggregatedSan(world)
    ? new Refusal(409, 5440688, `The name "${text(namespace, 'name')}" is in use.`, 'name')
    : new Refusal(409, 72089725, `A LUN or NVMe namespace already exists at "${text(namespace, 'name')}".`, 'name');

/** Names are shared with LUNs, whose records the unique rule of namespaces does not see. */
const checkName = (namespace: Entry, world: World): void => {
  const other = unitNamed(text(namespace, 'name'), text(namespace, 'svm'), world);
  if (other && other.$id !== namespace.$id) throw nameTaken(namespace, world);
};

/** The volume, and the aggregate under it, must be there for a change. */
export const checkOnline = (namespace: Entry, world: World): void => {
  const state = containerState(namespace, world);
  if (state === 'aggregate_offline')
    throw new Refusal(
      409,
      72090016,
      "The NVMe namespace's aggregate is offline. The aggregate must be online to modify or remove the namespace.",
    );
  if (state === 'volume_offline')
    throw new Refusal(
      409,
      72090017,
      "The NVMe namespace's volume is offline. The volume must be online to modify or remove the namespace.",
    );
};

/** Size and system of a namespace that is made from nothing. */
const newValues = (draft: Entry): StoredObject => {
  for (const path of ['os_type', 'space.size']) {
    if (draft[path] === undefined)
      throw new Refusal(
        400,
        72090013,
        `The property "${path}" is required except when creating an NVMe namespace clone.`,
        path,
      );
  }
  const block =
    draft['space.block_size'] === undefined
      ? text(draft, 'os_type') === 'vmware'
        ? 512
        : 4096
      : integer(draft, 'space.block_size');
  if (block !== 512 && block !== 4096)
    throw new Refusal(
      400,
      262197,
      `The value "${block}" is invalid for field "space.block_size" (<512|4096>)`,
      'space.block_size',
    );
  checkNamespaceSize(integer(draft, 'space.size'));
  return {
    'space.block_size': block,
    'space.size': integer(draft, 'space.size'),
    'clone.created_as_clone': false,
  };
};

/** Size and system of a clone: those of its source. */
const clonedValues = (draft: Entry, source: Entry): StoredObject => {
  for (const path of ['os_type', 'space.size', 'space.block_size']) {
    if (draft[path] !== undefined)
      throw new Refusal(
        400,
        72090012,
        `The property "${path}" cannot be specified when creating an NVMe namespace clone.`,
        path,
      );
  }
  const { os_type, 'space.size': size, 'space.block_size': block, comment } = source;
  return {
    os_type,
    'space.size': size,
    'space.block_size': block,
    comment: draft['comment'] ?? comment,
    'clone.created_as_clone': true,
  };
};

/** The namespace that a new one is to share its blocks with; undefined: none was named. */
const cloneSource = (draft: Entry, world: World): Entry | undefined => {
  const uuid = text(draft, 'clone.source.uuid');
  const name = text(draft, 'clone.source.name');
  if (uuid === '' && name === '') return undefined;
  if (name.includes('/.snapshot/')) return inSnapshot(name, text(draft, 'svm'), uuid, world);
  const found = uuid === '' ? namedIn(NAMESPACE, name, draft['svm'], world) : world.store.find(NAMESPACE, uuid);
  if (!found || found['svm'] !== draft['svm']) throw notFound(uuid === '' ? 72090007 : 72090006);
  if (name !== '' && text(found, 'name') !== name) {
    throw new Refusal(
      400,
      72090005,
      '"clone.source.uuid" and "clone.source.name" do not refer to the same NVMe namespace.',
      'clone.source',
    );
  }
  return found;
};

const notFound = (code: number) =>
  new Refusal(400, code, 'The specified "clone.source" was not found.', 'clone.source');

const inSnapshot = (name: string, svm: string, uuid: string, world: World): Entry => {
  if (uuid !== '')
    throw new Refusal(
      400,
      72090033,
      '"clone.source.uuid" is not supported when the source is in a snapshot.',
      'clone.source.uuid',
    );
  const [, , volumeName = '', , snapshotName, ...rest] = name.split('/');
  const volume = namedIn('volume', volumeName, svm, world);
  const snapshot =
    volume && world.store.by('snapshot', 'volume', volume.$id).find((entry) => entry['name'] === snapshotName);
  const found = readFrozen(snapshot?.['$contents']).find(
    ({ kind, entry }) => kind === NAMESPACE && text(entry, 'name').split('/').slice(3).join('/') === rest.join('/'),
  );
  if (!volume || !found) throw notFound(72090007);
  return { ...found.entry, 'location.volume': volume.$id };
};

/** When the request arrives: the whole record, or a refusal. */
export const prepareNamespace = (draft: Entry, { world }: Context): Entry => {
  refuseUnsimulated(draft);
  const converted = namespaceFromLun(draft, world);
  if (converted) {
    checkNamespaceSize(integer(converted, 'space.size'));
    return converted;
  }
  if (['name', 'location.namespace', 'location.volume'].every((path) => draft[path] === undefined)) {
    throw new Refusal(400, 72090013, 'The property "name" is required.', 'name');
  }
  const own = isDisaggregatedSan(world);
  const source = cloneSource(draft, world);
  if (source && own) throw new Refusal(400, 5374942, 'A unit is cloned by "/storage/storage-units".', 'clone');
  const place = own ? unitPlaceOf(draft, BASE, world) : placeOf(draft, BASE, NAMESPACE_CODES, world);
  if (source && source['location.volume'] !== place['location.volume']) {
    throw new Refusal(400, 1260121, 'The clone and its source must be in the same volume.', 'clone.source');
  }
  const { 'clone.source.name': _name, 'clone.source.uuid': _uuid, ...given } = draft;
  const namespace: Entry = {
    comment: '',
    ...given,
    ...(source ? clonedValues(draft, source) : newValues(draft)),
    ...place,
    $id: draft.$id,
    create_time: world.clock.text(),
    $simple: own,
  };
  checkName(namespace, world);
  return namespace;
};

/** When a PATCH arrives: what it changes, or a refusal. */
export const prepareChange = (changes: Values, before: Entry, { world }: Context): Values => {
  refuseUnsimulated(changes);
  checkOnline(before, world);
  const size = changes['space.size'];
  const renamed = typeof changes['name'] === 'string' ? renamedTo(changes['name'], before, world) : {};
  if (size !== undefined) checkGrowth(Number(size), before);
  return { ...changes, ...renamed };
};

const checkGrowth = (size: number, before: Entry) => {
  checkNamespaceSize(size);
  if (size < integer(before, 'space.size'))
    throw new Refusal(
      400,
      72090038,
      'An attempt was made to reduce the size of the specified namespace.',
      'space.size',
    );
};

const renamedTo = (name: string, before: Entry, world: World): Values => {
  if (isDisaggregatedSan(world)) checkSimpleName(name);
  const place = isDisaggregatedSan(world)
    ? { name }
    : placeOf({ $id: before.$id, svm: before['svm'], name }, BASE, NAMESPACE_CODES, world);
  if ('location.volume' in place && place['location.volume'] !== before['location.volume']) {
    throw new Refusal(400, 5374858, 'An NVMe namespace cannot be moved to another volume by its name.', 'name');
  }
  checkName({ ...before, name: place.name, $id: before.$id }, world);
  return place;
};
