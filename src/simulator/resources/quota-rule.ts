import type { Field, Fields, Resource, Values } from '../core/declaration.ts';
import { findText, integer, objects, text, type Entry, type Stored, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { ownerVolume, readOnly, requiredSvm, uuidField } from './common.ts';
import { qtreesOf } from './qtree.ts';
import { QUOTA_RULE, resizeQuotas, rulesOf, switchQuotas } from './quota-state.ts';

const KIB = 1024;
const LIMITS = ['space.hard_limit', 'space.soft_limit', 'files.hard_limit', 'files.soft_limit'] as const;

const limitField: Field = { kind: 'size' };

/** `-1` and 0 mean no limit; space is counted in whole KiB of at least one. */
const storedLimit = (path: string, value: Stored | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || value > Number.MAX_SAFE_INTEGER)
    throw new Refusal(400, 5308573, `The value "${String(value)}" is greater than the limit for "${path}".`, path);
  if (value < -1) throw new Refusal(400, 5308574, `The value "${value}" is out of range for "${path}".`, path);
  if (value <= 0) return undefined;
  return path.startsWith('space.') ? Math.max(KIB, value) : value;
};

const storedLimits = (given: Values): Record<string, Stored | undefined> => {
  const limits: Record<string, Stored | undefined> = {};
  for (const path of LIMITS) if (given[path] !== undefined) limits[path] = storedLimit(path, given[path]);
  return limits;
};

const checkOrder = (rule: StoredObject) => {
  for (const kind of ['space', 'files'] as const) {
    const hard = integer(rule, `${kind}.hard_limit`);
    if (hard > 0 && integer(rule, `${kind}.soft_limit`) > hard)
      throw new Refusal(
        400,
        5308575,
        `The soft limit of "${kind}" is larger than the hard limit.`,
        `${kind}.soft_limit`,
      );
  }
};

const checkAccounts = (draft: Entry) => {
  const users = objects(draft, 'users');
  if (users.some((user) => user['id'] !== undefined && user['name'] !== undefined))
    throw new Refusal(400, 5308565, 'Only one of name or id is allowed for each user.', 'users');
  if (draft['group.id'] !== undefined && draft['group.name'] !== undefined)
    throw new Refusal(400, 5308566, 'Only one of name or id is allowed for the group.', 'group');
  const hasUsers = draft['users'] !== undefined;
  const hasGroup = draft['group.id'] !== undefined || draft['group.name'] !== undefined;
  const type = text(draft, 'type');
  if (type === 'user' && (!hasUsers || hasGroup))
    throw new Refusal(400, 5308562, 'A user rule needs users and takes no group.', 'users');
  if (type === 'group' && (!hasGroup || hasUsers))
    throw new Refusal(400, 5308563, 'A group rule needs a group and takes no users.', 'group');
  if (type === 'tree' && (draft['qtree.name'] === undefined || hasUsers || hasGroup))
    throw new Refusal(
      400,
      5308564,
      'A tree rule needs a qtree name and takes neither users nor a group.',
      'qtree.name',
    );
  if (draft['user_mapping'] !== undefined && type !== 'user')
    throw new Refusal(400, 5308469, 'User mapping is a matter of user rules.', 'user_mapping');
};

/** Key of the qtree that a rule is for; none: the volume, or every qtree. */
const qtreeFor = (draft: Entry, world: World): string | undefined => {
  const name = text(draft, 'qtree.name');
  if (name === '') return undefined;
  const found = qtreesOf(text(draft, 'volume'), world).find((qtree) => qtree['name'] === name);
  if (!found) throw new Refusal(400, 5242927, `The qtree "${name}" does not exist in the volume.`, 'qtree.name');
  return found.$id;
};

/** What a rule is about: two rules of a volume cannot be about the same. */
const targetOf = (rule: Entry): string => {
  const users = objects(rule, 'users')
    .map((user) => text(user, 'name') || text(user, 'id'))
    .sort()
    .join(',');
  return [text(rule, 'type'), text(rule, '$qtree'), users, text(rule, 'group.name') || text(rule, 'group.id')].join(
    '\n',
  );
};

/** An explicit rule needs the rule for all others of its type; ONTAP makes one without limits. */
const addDefaultRule = (rule: Entry, world: World) => {
  const blank: Entry = {
    $id: '',
    type: text(rule, 'type'),
    volume: text(rule, 'volume'),
    svm: text(rule, 'svm'),
    ...(rule['type'] === 'user' ? { users: [{ name: '' }], user_mapping: false } : {}),
    ...(rule['type'] === 'group' ? { 'group.name': '' } : {}),
  };
  const $target = targetOf(blank);
  if (rulesOf(text(rule, 'volume'), world).some((each) => each['$target'] === $target)) return;
  const $id = world.random.uuid(QUOTA_RULE);
  world.store.put(QUOTA_RULE, { ...blank, $id, uuid: $id, $target });
};

const qtreeOf = (rule: Entry, world: World) => world.store.find('qtree', findText(rule, '$qtree'));

const fields: Fields = {
  uuid: uuidField,
  svm: requiredSvm,
  volume: ownerVolume,
  type: { kind: 'enum', write: 'create', values: ['tree', 'user', 'group'], required: true },
  'qtree.id': readOnly('integer', { compute: (rule, world) => qtreeOf(rule, world)?.['id'] }),
  'qtree.name': {
    kind: 'string',
    write: 'create',
    compute: (rule, world) => qtreeOf(rule, world)?.['name'] ?? '',
  },
  users: { kind: 'objects', write: 'create', of: { id: { kind: 'string' }, name: { kind: 'string' } } },
  'group.id': { kind: 'string', write: 'create' },
  'group.name': { kind: 'string', write: 'create' },
  user_mapping: { kind: 'boolean' },
  ...Object.fromEntries(LIMITS.map((path) => [path, limitField])),
};

/** `/storage/quota/rules`. A rule for a qtree follows its name and goes with it. */
export const quotaRule: Resource = {
  kind: QUOTA_RULE,
  path: '/storage/quota/rules',
  keys: ['uuid'],
  order: ['volume', 'uuid'],
  personalities: ['unified', 'asa', 'afx'],
  fields,
  indexes: ['svm', 'volume', '$qtree'],
  unique: [
    {
      fields: ['volume', '$target'],
      refusal: () => new Refusal(409, 1, 'A quota rule for the same target already exists in the volume.'),
    },
  ],
  absent: () => new Refusal(404, 5308545, 'There is no quota rule with the UUID.', 'uuid'),
  inside: [
    { kind: 'volume', field: 'volume' },
    { kind: 'qtree', field: '$qtree' },
  ],
  reactions: [{ to: 'volume', modified: (after, before, { world }) => switchQuotas(after, before, world) }],
  create: {
    asynchronous: true,
    prepare: (draft, { world }) => {
      checkAccounts(draft);
      const $qtree = qtreeFor(draft, world);
      const { 'qtree.name': _name, ...given } = draft;
      const {
        'space.hard_limit': _a,
        'space.soft_limit': _b,
        'files.hard_limit': _c,
        'files.soft_limit': _d,
        ...rest
      } = given;
      const rule: Entry = {
        ...rest,
        ...storedLimits(draft),
        ...($qtree === undefined ? {} : { $qtree }),
        ...(draft['type'] === 'user' ? { user_mapping: draft['user_mapping'] ?? false } : {}),
        $id: draft.$id,
      };
      checkOrder(rule);
      return { ...rule, $target: targetOf(rule) };
    },
    effects: (entry, { world }) => {
      const qtree = findText(entry, '$qtree');
      if (qtree !== undefined && !world.store.find('qtree', qtree))
        throw new Refusal(400, 5242927, 'The qtree does not exist any more.', 'qtree.name');
      addDefaultRule(entry, world);
      resizeQuotas(text(entry, 'volume'), world);
    },
  },
  modify: {
    asynchronous: true,
    prepare: (changes, before) => {
      if (changes['user_mapping'] !== undefined && before['type'] !== 'user')
        throw new Refusal(400, 5308469, 'User mapping is a matter of user rules.', 'user_mapping');
      const wanted = { ...changes, ...storedLimits(changes) };
      checkOrder({ ...before, ...wanted });
      return wanted;
    },
    effects: (after, _before, { world }) => resizeQuotas(text(after, 'volume'), world),
  },
  remove: {
    asynchronous: true,
    effects: (entry, { world }) => resizeQuotas(text(entry, 'volume'), world),
  },
};
