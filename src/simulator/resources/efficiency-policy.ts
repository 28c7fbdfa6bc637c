import type { Reaction, Resource, Values } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { existsAlready, nameField, ownerSvm, uuidField } from './common.ts';
import { inEachSvm } from './each-svm.ts';
import { namedIn } from './lookups.ts';

const POLICY = 'efficiency_policy';
/** Member of a volume: the name of its policy. */
const OF_VOLUME = 'efficiency.policy.name';
/** What stands for no policy in a volume. */
const NONE = ['', 'none', '-'];

const BUILT_IN: Readonly<Record<string, string>> = {
  auto: 'Runs by itself.',
  default: 'Runs every day.',
  'inline-only': 'Runs as data are written, and at no other time.',
};

/** What policies of a type do not have. */
const STRANGERS: Readonly<Record<string, readonly string[]>> = {
  scheduled: ['start_threshold_percent'],
  threshold: ['schedule', 'duration'],
};

const USUAL_THRESHOLD = 20;

const daily = (world: World) => world.store.by('schedule', 'name', 'daily')[0]?.$id;

/** What a policy of the type has where the request says nothing; what the type does not have is taken away. */
const settled = (wanted: Values, given: Values, world: World): Values => {
  const type = String(wanted['type']);
  const strangers = STRANGERS[type] ?? [];
  const wrong = strangers.find((path) => given[path] !== undefined);
  if (wrong !== undefined) throw new Refusal(400, 262197, `A policy of the type "${type}" has no "${wrong}".`, wrong);
  return {
    ...Object.fromEntries(strangers.map((path) => [path, undefined])),
    ...(type === 'threshold'
      ? { start_threshold_percent: wanted['start_threshold_percent'] ?? USUAL_THRESHOLD }
      : // Of those of the system some have none, which stays so while the type does.
        { schedule: wanted['schedule'] ?? (given['type'] === undefined ? undefined : daily(world)) }),
  };
};

const isBuiltIn = (policy: Entry): boolean => policy['$system'] === true;

const usersOf = (policy: Entry, world: World): readonly Entry[] =>
  world.store.by('volume', 'svm', text(policy, 'svm')).filter((volume) => volume[OF_VOLUME] === policy['name']);

/** A volume goes by a policy of its SVM. */
const checkPolicy: Reaction = {
  to: 'volume',
  planned: (verb, volume, { world }, before) => {
    const name = text(volume, OF_VOLUME);
    if (verb === 'remove' || NONE.includes(name) || before?.[OF_VOLUME] === name) return;
    if (!namedIn(POLICY, name, volume['svm'], world))
      throw new Refusal(400, 262197, `The SVM has no efficiency policy "${name}".`, OF_VOLUME);
  },
};

const ofSvms = inEachSvm(POLICY, (svm, world) =>
  Object.entries(BUILT_IN).map(([name, comment]) => {
    const id = world.random.uuid(POLICY);
    return {
      $id: id,
      uuid: id,
      name,
      comment,
      svm: svm.$id,
      type: 'scheduled',
      enabled: true,
      qos_policy: 'best_effort',
      $system: true,
      ...(name === 'default' ? { schedule: daily(world) } : {}),
    };
  }),
);

/** `/storage/volume-efficiency-policies`: when volumes look for blocks that are the same. They do not look. */
export const efficiencyPolicy: Resource = {
  kind: POLICY,
  path: '/storage/volume-efficiency-policies',
  keys: ['uuid'],
  order: ['svm', 'name'],
  personalities: ['unified', 'asa', 'afx'],
  fields: {
    uuid: uuidField,
    name: { ...nameField, write: 'create' },
    svm: ownerSvm,
    type: { kind: 'enum', values: ['scheduled', 'threshold'], default: 'scheduled' },
    enabled: { kind: 'boolean', default: true },
    qos_policy: { kind: 'enum', values: ['background', 'best_effort'], default: 'best_effort' },
    comment: { kind: 'string', default: '' },
    schedule: { kind: 'ref', to: 'schedule', children: ['name'] },
    duration: { kind: 'integer', minimum: 0, maximum: 999 },
    start_threshold_percent: { kind: 'integer', minimum: 1, maximum: 100 },
  },
  indexes: ['svm'],
  unique: [{ fields: ['svm', 'name'], refusal: existsAlready('An efficiency policy', 1) }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => ({ ...draft, ...settled(draft, draft, world), $id: draft.$id }),
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => ({
      ...changes,
      ...settled({ ...before, ...changes }, changes, world),
    }),
  },
  remove: {
    asynchronous: false,
    check: (policy, { world }) => {
      if (isBuiltIn(policy)) throw new Refusal(409, 6881431, 'A predefined policy cannot be deleted.', 'uuid');
      const [volume] = usersOf(policy, world);
      if (volume) throw new Refusal(409, 6881346, `The volume "${text(volume, 'name')}" has the policy.`, 'uuid');
    },
  },
  ...ofSvms,
  reactions: [...ofSvms.reactions, checkPolicy],
};
