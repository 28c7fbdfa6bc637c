import type { Field, Resource } from '../core/declaration.ts';
import { objects, text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { ownerSvm, readOnly, unmodelled } from './common.ts';
import { makeParts, withParts } from './request-parts.ts';
import { accessFields, type NewPolicies } from './volume-access.ts';
import { PASSED, planVolume } from './volume-placement.ts';

const CONTAINER = 'application_container';

const LATER: Readonly<Record<string, string>> = {
  'tiering.policy': '9.18.1',
  comment: '9.19.1',
  'encryption.enabled': '9.19.1',
  'guarantee.type': '9.19.1',
  snapshot_directory_access_enabled: '9.19.1',
  'space.snapshot.reserve_percent': '9.19.1',
  type: '9.19.1',
};

/** Containers are there since 9.17.1; what may be said about a volume has become more. */
const sinceOf = (path: string): Pick<Field, 'since'> => {
  const since = LATER[path];
  return since === undefined ? {} : { since };
};

const aggregates: Field = { kind: 'objects', of: { name: { kind: 'string' }, uuid: { kind: 'string' } } };

const volumesField: Field = {
  kind: 'objects',
  required: true,
  write: 'create',
  of: {
    ...Object.fromEntries(Object.entries(PASSED).map(([path, field]) => [path, { ...field, ...sinceOf(path) }])),
    ...accessFields,
    scale_out: { kind: 'boolean', default: false },
    'tiering.object_stores': { kind: 'opaque', since: '9.18.1' },
    exclude_aggregates: { ...aggregates, since: '9.18.1' },
    ...unmodelled('flexcache', 's3_bucket', 'snaplock', 'storage_service', 'tiering.control'),
    ...unmodelled('smas_protection', 'use_mirrored_aggregates'),
  },
};

/** `/application/containers`: makes volumes and chooses their aggregates. A container is not kept. */
export const applicationContainer: Resource = {
  kind: CONTAINER,
  path: '/application/containers',
  keys: ['uuid'],
  since: '9.17.1',
  writeOnly: true,
  fields: {
    uuid: readOnly('string', { key: true }),
    svm: ownerSvm,
    volumes: volumesField,
    'provisioning_options.exclude_aggregates': { ...aggregates, write: 'create', since: '9.18.1' },
    ...unmodelled('use_mirrored_aggregates'),
  },
  create: {
    asynchronous: true,
    prepare: (draft, context) => {
      const svm = context.world.store.get('svm', text(draft, 'svm'));
      const policies: NewPolicies = new Map();
      const excluded = objects(draft, 'provisioning_options.exclude_aggregates');
      const parts = objects(draft, 'volumes').flatMap((volume) => {
        const exclude_aggregates = [...excluded, ...objects(volume, 'exclude_aggregates')];
        return planVolume({ ...volume, exclude_aggregates }, svm, policies, context).parts;
      });
      if (parts.length === 0) throw new Refusal(400, 262212, 'Field "volumes" requires a value', 'volumes');
      return { $id: draft.$id, uuid: text(draft, 'uuid'), svm: svm.$id, ...withParts(parts) };
    },
    effects: (entry, context) => {
      makeParts(CONTAINER, entry, context);
      context.world.store.remove(CONTAINER, entry.$id);
    },
  },
};
