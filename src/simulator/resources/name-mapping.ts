import type { Resource } from '../core/declaration.ts';
import { integer, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { requiredSvm } from './common.ts';
import { makeRoom } from './positions.ts';

const MAPPING = 'name_mapping';

/** Mappings of one SVM in one direction, which are tried in their order. */
const ofDirection = (mapping: StoredObject, world: World): readonly Entry[] =>
  world.store.by(MAPPING, 'svm', text(mapping, 'svm')).filter((each) => each['direction'] === mapping['direction']);

/** `/name-services/name-mappings`: which users of Windows, UNIX, S3 and Kerberos are one. */
export const nameMapping: Resource = {
  kind: MAPPING,
  path: '/name-services/name-mappings',
  keys: ['svm.uuid', 'direction', 'index'],
  order: ['svm', 'direction', 'index'],
  fields: {
    svm: requiredSvm,
    direction: {
      kind: 'enum',
      key: true,
      required: true,
      write: 'create',
      values: ['win_unix', 'unix_win', 'krb_unix', 's3_unix', 's3_win'],
    },
    index: { kind: 'integer', key: true, required: true, write: 'create', minimum: 1, maximum: 2_147_483_647 },
    pattern: { kind: 'string', required: true, maxLength: 256 },
    replacement: { kind: 'string', required: true, maxLength: 256 },
    client_match: { kind: 'string' },
  },
  indexes: ['svm'],
  parameters: { modify: ['new_index'] },
  inside: [{ kind: 'svm', field: 'svm' }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      if (ofDirection(draft, world).some((each) => each['index'] === draft['index']))
        throw new Refusal(409, 1, `There is a mapping at ${integer(draft, 'index')} already.`, 'index');
      return draft;
    },
  },
  modify: {
    asynchronous: false,
    mayBeEmpty: ({ parameters }) => parameters['new_index'] !== undefined,
    prepare: (changes, _before, { parameters }) => {
      const wanted = parameters['new_index'];
      if (wanted === undefined) return changes;
      const index = Number(wanted);
      if (!Number.isInteger(index) || index < 1)
        throw new Refusal(400, 262197, `"${wanted}" is no position.`, 'new_index');
      return { ...changes, index };
    },
    effects: (after, before, { world }) => {
      if (after['index'] === before['index']) return;
      const others = ofDirection(after, world).filter((each) => each.$id !== after.$id);
      makeRoom(MAPPING, others, integer(after, 'index'), world);
    },
  },
  remove: { asynchronous: false },
};
