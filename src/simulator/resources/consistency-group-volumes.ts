import type { Context, Field, Fields } from '../core/declaration.ts';
import { findText, integer, objects, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { invalidValue, missingValue, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { asIn, readOnly, unmodelled, unmodelledLimits } from './common.ts';
import { groupOf, MEMBERS, membersOf } from './consistency-group-members.ts';
import { hasGeometry, inOther } from './consistency-group-membership.ts';
import { numberedNames, type Names } from './consistency-group-names.ts';
import { namedIn } from './lookups.ts';
import { planPartChange, type Part } from './request-parts.ts';
import { accessFields, type NewPolicies } from './volume-access.ts';
import { PASSED, planVolume } from './volume-placement.ts';

/** The volumes of a consistency group, as they are shown and as a body names them. */

const ACTION = 'provisioning_options.action';
const COUNT = 'provisioning_options.count';

/** What may be said about a volume that is made with the group, beside its name. */
const ABOUT = [
  'comment',
  'space.size',
  'nas.path',
  'nas.gid',
  'nas.uid',
  'nas.security_style',
  'nas.unix_permissions',
  'nas.export_policy.name',
  'qos.policy.name',
  'qos.policy.uuid',
  'snapshot_policy.name',
  'snapshot_policy.uuid',
  'tiering.policy',
];

const aboutFields: Fields = Object.fromEntries(
  Object.entries(PASSED)
    .filter(([path]) => ABOUT.includes(path))
    .map(([path, { required: _required, ...field }]): [string, Field] => [
      path,
      { ...field, compute: asIn('volume', path) },
    ]),
);

export const groupVolumes: Field = {
  kind: 'objects',
  to: 'volume',
  expensive: true,
  // On ASA r2 nobody sees them.
  personalities: ['unified', 'asa', 'afx'],
  compute: (group, world) => membersOf(group, world).map(({ $id }) => ({ $id, $ref: $id })),
  of: {
    name: { kind: 'string', compute: asIn('volume', 'name') },
    uuid: { kind: 'string', compute: ({ $id }) => $id },
    ...aboutFields,
    'space.used': readOnly('size', { compute: asIn('volume', 'space.used') }),
    'space.available': readOnly('size', { compute: asIn('volume', 'space.available') }),
    [ACTION]: { kind: 'enum', values: ['create', 'add', 'remove', 'reassign'], secret: true },
    [COUNT]: { kind: 'integer', minimum: 1, secret: true },
    ...accessFields,
    ...unmodelled('provisioning_options.storage_service', 'tiering.control', 'tiering.object_stores'),
    ...unmodelledLimits('qos.policy'),
  },
};

/** The group that a body is about. */
export interface Target {
  readonly svm: Entry;
  /** Empty: it is not given, and follows from the only volume. */
  readonly name: string;
  /** Its record, where it is there already. */
  readonly group: Entry | undefined;
  /** Groups that have the same parent: volumes can be moved between them. */
  readonly siblings: readonly Entry[];
  /** Export policies that the request makes. */
  readonly policies: NewPolicies;
}

export interface Wanted {
  readonly id: string;
  readonly name: string;
  readonly action: 'create' | 'add' | 'remove' | 'reassign' | 'modify';
  /** What is made or changed. */
  readonly parts: readonly Part[];
  /** reassign: key of the group that it is in. */
  readonly from?: string;
}

/** The volumes that a body names, with what is to be done to each. `usual`: what new ones have unless they say it. */
export const wantedVolumes = (
  given: StoredObject,
  usual: StoredObject,
  target: Target,
  context: Context,
): readonly Wanted[] => {
  const names = numberedNames('volume', (name) => namedIn('volume', name, target.svm.$id, context.world) !== undefined);
  return objects(given, 'volumes').flatMap((each) => wantedVolume(each, usual, target, names, context));
};

const wantedVolume = (
  given: StoredObject,
  usual: StoredObject,
  target: Target,
  names: Names,
  context: Context,
): readonly Wanted[] => {
  const action = text(given, ACTION);
  const member = action === '' ? findMember(given, target, context.world) : undefined;
  if (member) return [changedVolume(given, member, context)];
  if (action === '' || action === 'create')
    return newNames(given, target, names, context.world).map((name) =>
      newVolume({ ...withUsual(given, usual), name }, target, context),
    );
  const unfit = ABOUT.find((path) => given[path] !== undefined);
  if (unfit)
    throw new Refusal(400, 53411856, `The property "${unfit}" can be given for new volumes alone.`, `volumes.${unfit}`);
  const volume = findVolume(given, target.svm.$id, context.world);
  const found = { id: volume.$id, name: text(volume, 'name'), parts: [] };
  if (action === 'reassign' && !hasGeometry(context.world))
    throw invalidValue(action, `volumes.${ACTION}`, 'create, add, remove');
  if (action === 'reassign') return [{ ...found, action, ...reassigned(volume, target, context.world) }];
  return [{ ...found, action: action === 'remove' ? 'remove' : 'add' }];
};

/** What is usual for the new volumes of the group; a QoS policy of its own goes before. */
const withUsual = (given: StoredObject, usual: StoredObject): StoredObject => {
  const own = Object.keys(given).some((path) => path.startsWith('qos.'));
  const { 'qos.policy.uuid': policy, ...others } = usual;
  return { ...others, ...(own || policy === undefined ? {} : { 'qos.policy.uuid': policy }), ...given };
};

const findMember = (given: StoredObject, { group }: Target, world: World): Entry | undefined =>
  group &&
  texts(group, MEMBERS)
    .flatMap((id) => world.store.find('volume', id) ?? [])
    .find((volume) => (given['uuid'] === undefined ? volume['name'] === given['name'] : volume.$id === given['uuid']));

const changedVolume = (given: StoredObject, volume: Entry, context: Context): Wanted => {
  const found: Wanted = { id: volume.$id, name: text(volume, 'name'), action: 'modify', parts: [] };
  const about = ABOUT.filter((path) => given[path] !== undefined);
  const access = Object.keys(accessFields).find((path) => given[path] !== undefined);
  if (access) throw new Refusal(400, 53411856, `"${access}" can be given for new volumes alone.`, `volumes.${access}`);
  if (about.length === 0) return found;
  const qos = about.find((path) => path.startsWith('qos.'));
  if (qos) throw new Refusal(400, 53411856, 'A QoS policy can be given for new volumes alone.', `volumes.${qos}`);
  const body = Object.fromEntries(about.map((path) => [path, given[path]]));
  return { ...found, parts: [planPartChange('volume', volume, body, context)] };
};

/** The names that follow from one element of a body: its own, or made up ones. */
const newNames = (given: StoredObject, target: Target, names: Names, world: World): readonly string[] => {
  const name = text(given, 'name');
  if (
    given['uuid'] !== undefined ||
    (given['space.size'] === undefined && namedIn('volume', name, target.svm.$id, world))
  )
    throw new Refusal(
      400,
      53411864,
      `To add the volume "${name || text(given, 'uuid')}", give "${ACTION}" the value "add".`,
      'volumes',
    );
  const base = name || target.name;
  if (base === '') throw missingValue('name');
  if (name !== '' && given[COUNT] === undefined) return [name];
  return Array.from({ length: integer(given, COUNT) || 1 }, () => names.next(base));
};

export const newVolume = (given: StoredObject, { svm, policies }: Target, context: Context): Wanted => {
  const name = text(given, 'name');
  if (given['space.size'] === undefined) throw missingValue('volumes.space.size');
  if (namedIn('volume', name, svm.$id, context.world))
    throw new Refusal(409, 53411860, `A volume with the name "${name}" already exists in the SVM.`, 'volumes.name');
  const { entry, parts } = planVolume(given, svm, policies, context);
  return { id: entry.$id, name, action: 'create', parts };
};

const findVolume = (given: StoredObject, svm: string, world: World): Entry => {
  const name = text(given, 'name');
  const uuid = findText(given, 'uuid');
  const found = uuid === undefined ? namedIn('volume', name, svm, world) : world.store.find('volume', uuid);
  if (!found || found['svm'] !== svm || (name !== '' && text(found, 'name') !== name)) {
    throw new Refusal(400, 53411861, `The volume "${name || (uuid ?? '')}" was not found in the SVM.`, 'volumes');
  }
  return found;
};

const reassigned = (volume: Entry, { siblings }: Target, world: World): { readonly from: string } => {
  const holder = groupOf(volume.$id, world);
  const from = siblings.find(({ $id }) => $id === holder?.$id);
  if (from) return { from: from.$id };
  throw holder
    ? inOther(text(volume, 'name'), holder)
    : new Refusal(400, 53411853, `The volume "${text(volume, 'name')}" is in no consistency group.`, 'volumes');
};
