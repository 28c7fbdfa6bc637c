import type { Context, Field, Fields, Resource } from '../core/declaration.ts';
import { findText, integer, text, type Entry, type Stored } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { unknownReference } from '../core/references.ts';
import { uniqueKey, type World } from '../core/world.ts';
import { ownerVolume, qosLimits, readOnly, requiredSvm, unmeasured, unmodelled } from './common.ts';
import { forgetQosPolicy } from './qos-policy.ts';
import { checkSvmRuns } from './volume-checks.ts';

const QTREE = 'qtree';
const LONGEST_NAME = 64;

const idRule = { fields: ['volume', 'id'] };

/** Key of the qtree of that number in a volume. */
const qtreeKey = (volume: string, id: number | string): string => `${volume}/${id}`;

/** The qtree in a copy of a volume that stands for the one with this key. */
export const qtreeInCopy = (qtree: string, volume: string): string =>
  qtreeKey(volume, qtree.slice(qtree.indexOf('/') + 1));

export const qtreesOf = (volume: string, world: World): readonly Entry[] => world.store.by(QTREE, 'volume', volume);

/** True for the qtree that a volume itself is. */
export const isRootQtree = (qtree: Entry): boolean => integer(qtree, 'id') === 0;

/** Every volume is its own qtree 0. */
const addRootQtree = (volume: Entry, world: World) => {
  const id = qtreeKey(volume.$id, 0);
  if (!world.store.find(QTREE, id)) world.store.put(QTREE, rootQtree(volume));
};

const rootQtree = (volume: Entry): Entry => ({
  $id: qtreeKey(volume.$id, 0),
  id: 0,
  name: '',
  volume: volume.$id,
  svm: text(volume, 'svm'),
});

/** In a cluster that becomes one with qtrees, the volumes that it had are qtrees too. */
export const completeQtrees = (world: World): void => {
  for (const volume of world.store.all('volume')) if (volume['$unit'] !== true) addRootQtree(volume, world);
};

/** The lowest number that neither a qtree has nor one that is being made. */
const freeId = (volume: string, world: World): number => {
  for (let id = 1; ; id++) {
    const key = uniqueKey(idRule, { $id: '', volume, id });
    if (!world.store.find(QTREE, qtreeKey(volume, id)) && !world.jobs.isClaimed(`${QTREE}/1/${key}`)) return id;
  }
};

const volumeOf = (qtree: Entry, world: World): Entry | undefined => world.store.find('volume', text(qtree, 'volume'));

/** A property that a qtree has from its volume unless it was given its own. */
const inherited =
  (path: string, from: string) =>
  (qtree: Entry, world: World): Stored | undefined =>
    qtree[path] ?? volumeOf(qtree, world)?.[from];

const checkName = (name: string) => {
  if (name === '') throw new Refusal(400, 5242894, 'The name of a qtree cannot be empty.', 'name');
  if (name.length > LONGEST_NAME || name.includes('/') || name === '.' || name === '..')
    throw new Refusal(400, 5242886, `The qtree name "${name}" is not valid.`, 'name');
};

/** Qtrees are made, changed and deleted in a volume that is there to be written, of an SVM that runs. */
const checkVolume = (volume: Entry, world: World) => {
  checkSvmRuns(world.store.get('svm', text(volume, 'svm')));
  const name = text(volume, 'name');
  if (text(volume, 'type') !== 'rw')
    throw new Refusal(400, 5242881, `The volume "${name}" is read-only; its qtrees cannot be changed.`, 'volume');
  if (text(volume, 'state') !== 'online')
    throw new Refusal(400, 9437885, `The volume "${name}" is not online.`, 'volume');
};

const account = (kind: 'user' | 'group'): Fields => ({
  [`${kind}.id`]: { kind: 'string', default: '0' },
  [`${kind}.name`]: { kind: 'string', default: 'root' },
});

const exportPolicyField: Field = {
  kind: 'ref',
  to: 'export_policy',
  children: ['name', 'id'],
  scoped: true,
  late: true,
  clearable: true,
  unknown: (given) => new Refusal(400, 1703954, `Export policy "${given}" does not exist.`, 'export_policy'),
  compute: inherited('export_policy', 'nas.export_policy'),
};

const pathBelow = (base: string, name: string) => (name === '' ? base : `${base === '/' ? '' : base}/${name}`);

const fields: Fields = {
  svm: requiredSvm,
  volume: ownerVolume,
  id: readOnly('integer', { key: true }),
  name: {
    kind: 'string',
    key: true,
    required: true,
    missing: () => new Refusal(400, 5242953, 'A qtree needs a name.', 'name'),
  },
  path: readOnly('string', {
    compute: (entry, world) => pathBelow(`/${text(volumeOf(entry, world) ?? entry, 'name')}`, text(entry, 'name')),
  }),
  'nas.path': readOnly('string', {
    compute: (entry, world) => {
      const junction = findText(volumeOf(entry, world) ?? entry, 'nas.path');
      return junction === undefined ? undefined : pathBelow(junction, text(entry, 'name'));
    },
  }),
  security_style: {
    kind: 'enum',
    values: ['unix', 'ntfs', 'mixed'],
    compute: inherited('security_style', 'nas.security_style'),
  },
  // Digits are the octal mode, as in volumes.
  unix_permissions: {
    kind: 'integer',
    minimum: 0,
    maximum: 7777,
    compute: inherited('unix_permissions', 'nas.unix_permissions'),
  },
  export_policy: exportPolicyField,
  qos_policy: {
    kind: 'ref',
    to: 'qos_policy',
    scoped: true,
    clearable: true,
    absentName: 'none',
    unknown: (given) => new Refusal(400, 8454147, `The QoS policy "${given}" does not exist.`, 'qos_policy'),
  },
  ...qosLimits('qos_policy'),
  ...unmodelled('_tags'),
  ...account('user'),
  ...account('group'),
  'ext_performance_monitoring.enabled': { kind: 'boolean', expensive: true, default: false },
  ...unmeasured,
};

/** A policy that does not exist is refused by the job. */
const checkPolicy = (qtree: Entry, { world }: Context) => {
  const policy = findText(qtree, 'export_policy');
  if (policy !== undefined && !world.store.find('export_policy', policy))
    throw unknownReference(exportPolicyField, policy, 'export_policy', world);
};

const unitsIn = (qtree: Entry, world: World) =>
  ['lun', 'namespace'].flatMap((kind) =>
    world.store
      .by(kind, 'location.volume', text(qtree, 'volume'))
      .filter((unit) => unit['location.qtree'] === qtree.$id)
      .map((unit) => ({ kind, unit })),
  );

/** Names of LUNs and namespaces have the qtree's name in them. */
const renameUnits = (qtree: Entry, world: World) => {
  for (const { kind, unit } of unitsIn(qtree, world)) {
    const parts = text(unit, 'name').split('/');
    world.store.change(kind, unit.$id, { name: parts.with(3, text(qtree, 'name')).join('/') });
  }
};

/** `/storage/qtrees`, addressed by volume and number. Number 0, without a name, is the volume itself. */
export const qtree: Resource = {
  kind: QTREE,
  path: '/storage/qtrees',
  keys: ['volume.uuid', 'id'],
  order: ['volume', 'id'],
  personalities: ['unified', 'asa', 'afx'],
  fields,
  indexes: ['svm', 'volume', 'export_policy', 'qos_policy'],
  unique: [
    {
      fields: ['volume', 'name'],
      refusal: (entry, world) =>
        new Refusal(
          409,
          world.store.find(QTREE, entry.$id) ? 5242972 : 5242886,
          `A qtree with the name "${text(entry, 'name')}" already exists in the volume.`,
          'name',
        ),
    },
    { ...idRule, refusal: () => new Refusal(409, 5242886, 'The number of the qtree is in use.') },
  ],
  identify: (draft, world) => qtreeKey(text(draft, 'volume'), freeId(text(draft, 'volume'), world)),
  inside: [
    {
      kind: 'volume',
      field: 'volume',
      copied: ({ qos_policy: _qos, export_policy, ...copy }, volume) => ({
        ...copy,
        $id: qtreeKey(volume.$id, integer(copy, 'id')),
        svm: text(volume, 'svm'),
        // Policies belong to an SVM; in another one the volume's policy counts.
        ...(copy['svm'] === volume['svm'] && export_policy !== undefined ? { export_policy } : {}),
      }),
    },
  ],
  reactions: [
    { to: 'volume', created: (volume, { world }) => addRootQtree(volume, world) },
    {
      to: 'svm',
      created: (svm, { world }) => {
        for (const volume of world.store.by('volume', 'svm', svm.$id)) addRootQtree(volume, world);
      },
    },
    {
      to: 'export_policy',
      planned: (verb, policy, { world }) => {
        if (verb === 'remove' && world.store.by(QTREE, 'export_policy', policy.$id).length > 0)
          throw new Refusal(409, 1703953, `The export policy "${text(policy, 'name')}" is in use by a qtree.`);
      },
    },
    forgetQosPolicy(QTREE, 'qos_policy'),
  ],
  create: {
    asynchronous: true,
    prepare: (draft, { world }) => {
      checkName(text(draft, 'name'));
      checkVolume(world.store.get('volume', text(draft, 'volume')), world);
      return { ...draft, id: Number(draft.$id.slice(draft.$id.indexOf('/') + 1)) };
    },
    effects: (entry, context) => {
      const volume = volumeOf(entry, context.world);
      if (!volume) throw new Refusal(404, 917525, 'The volume does not exist any more.', 'volume');
      checkVolume(volume, context.world);
      checkPolicy(entry, context);
    },
  },
  modify: {
    asynchronous: true,
    prepare: (changes, before, { world }) => {
      const volume = volumeOf(before, world);
      if (volume) checkVolume(volume, world);
      if (isRootQtree(before)) {
        if (changes['name'] !== undefined)
          throw new Refusal(400, 5242894, 'The qtree that is the volume itself cannot be renamed.', 'name');
      } else if (typeof changes['name'] === 'string') checkName(changes['name']);
      return changes;
    },
    effects: (after, before, context) => {
      checkPolicy(after, context);
      if (after['name'] !== before['name']) renameUnits(after, context.world);
    },
  },
  remove: {
    asynchronous: true,
    check: (entry, { world }) => {
      if (isRootQtree(entry)) throw new Refusal(400, 5242894, 'The qtree that is the volume itself cannot be deleted.');
      const volume = volumeOf(entry, world);
      if (volume) checkVolume(volume, world);
      if (unitsIn(entry, world).length > 0)
        throw new Refusal(409, 5242916, `The qtree "${text(entry, 'name')}" contains LUNs.`);
    },
  },
  seed: (_, world) => world.store.all('volume').map(rootQtree),
};
