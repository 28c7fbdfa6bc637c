import type { Context, Field, Fields } from '../core/declaration.ts';
import {
  integer,
  isStoredList,
  isStoredObject,
  text,
  type Entry,
  type Stored,
  type StoredObject,
} from '../core/entry.ts';
import { missingValue, notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { membersOf } from './consistency-group-members.ts';
import { PASSED, planVolume } from './volume-placement.ts';
import { volumeSpace } from './volume-space.ts';

/** The volumes of a consistency group, as they are shown and as a body names them. */

/** What may be said about a volume that is made with the group, beside its name. */
const ONLY_NEW = [
  'comment',
  'space.size',
  'nas.path',
  'nas.security_style',
  'nas.unix_permissions',
  'nas.export_policy.name',
  'qos.policy.name',
  'snapshot_policy.name',
  'tiering.policy',
];

const newFields: Fields = Object.fromEntries(
  Object.entries(PASSED)
    .filter(([path]) => ONLY_NEW.includes(path))
    .map(([path, { required: _required, ...field }]): [string, Field] => [path, field]),
);

const shown = (group: Entry, world: World): Stored =>
  membersOf(group, world).map((volume) => {
    const { size, used, available } = volumeSpace(volume);
    return {
      $ref: volume.$id,
      name: text(volume, 'name'),
      uuid: volume.$id,
      comment: text(volume, 'comment'),
      'space.size': size,
      'space.used': used,
      'space.available': available,
    };
  });

export const groupVolumes: Field = {
  kind: 'objects',
  to: 'volume',
  compute: shown,
  of: {
    name: { kind: 'string' },
    uuid: { kind: 'string' },
    ...newFields,
    'space.used': readOnly('size'),
    'space.available': readOnly('size'),
    'provisioning_options.action': { kind: 'enum', values: ['create', 'add', 'remove', 'reassign'] },
    'provisioning_options.count': { kind: 'integer' },
  },
};

export interface Wanted {
  readonly id: string;
  readonly name: string;
  readonly action: 'create' | 'add' | 'remove';
  /** The whole record of one that is to be made. */
  readonly made?: Entry;
}

/** The volumes that a body names, with what is to be done to each. */
export const wantedVolumes = (given: Stored | undefined, svm: string, context: Context): readonly Wanted[] =>
  (given !== undefined && isStoredList(given) ? given : [])
    .filter(isStoredObject)
    .map((each) => wantedVolume(each, context.world.store.get('svm', svm), context));

const wantedVolume = (given: StoredObject, svm: Entry, context: Context): Wanted => {
  const action = text(given, 'provisioning_options.action') || 'create';
  if (action === 'create') return newVolume(given, svm, context);
  if (action === 'reassign') throw notSimulated('The action "reassign" for a volume of a consistency group');
  const unfit = ONLY_NEW.find((path) => given[path] !== undefined);
  if (unfit)
    throw new Refusal(400, 53411856, `The property "${unfit}" can be given for new volumes alone.`, `volumes.${unfit}`);
  const { $id: id, name } = findVolume(given, svm.$id, context.world);
  return { id, name: String(name), action: action === 'remove' ? 'remove' : 'add' };
};

const newVolume = (given: StoredObject, svm: Entry, context: Context): Wanted => {
  const name = text(given, 'name');
  if (name === '' || integer(given, 'provisioning_options.count') > 1)
    throw notSimulated('A volume of a consistency group whose name ONTAP makes up');
  if (given['space.size'] === undefined) throw missingValue('volumes.space.size');
  if (context.world.store.by('volume', 'name', name).some((volume) => volume['svm'] === svm.$id))
    throw new Refusal(409, 53411860, `A volume with the name "${name}" already exists in the SVM.`, 'volumes.name');
  const entry = planVolume(given, svm, context);
  return { id: entry.$id, name, action: 'create', made: entry };
};

const findVolume = (given: StoredObject, svm: string, world: World): Entry => {
  const name = text(given, 'name');
  const uuid = text(given, 'uuid');
  const found =
    uuid === ''
      ? world.store.by('volume', 'name', name).find((volume) => volume['svm'] === svm)
      : world.store.find('volume', uuid);
  if (!found || found['svm'] !== svm || (name !== '' && text(found, 'name') !== name)) {
    throw new Refusal(400, 53411861, `The volume "${name || uuid}" was not found in the SVM.`, 'volumes');
  }
  return found;
};
