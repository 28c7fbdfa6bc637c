import type { Field, Resource } from '../core/declaration.ts';
import { objects, text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { ownerSvm, readOnly } from './common.ts';
import { makeParts, withParts } from './request-parts.ts';
import { PASSED, planVolume } from './volume-placement.ts';

const CONTAINER = 'application_container';

const volumesField: Field = {
  kind: 'objects',
  required: true,
  write: 'create',
  of: {
    ...PASSED,
    scale_out: { kind: 'boolean', default: false },
    'tiering.object_stores': { kind: 'opaque' },
    exclude_aggregates: { kind: 'objects', of: { name: { kind: 'string' }, uuid: { kind: 'string' } } },
  },
};

/** `/application/containers`: makes volumes and chooses their aggregates. A container is not kept. */
export const applicationContainer: Resource = {
  kind: CONTAINER,
  path: '/application/containers',
  keys: ['uuid'],
  since: '9.19.1',
  writeOnly: true,
  fields: { uuid: readOnly('string', { key: true }), svm: ownerSvm, volumes: volumesField },
  create: {
    asynchronous: true,
    prepare: (draft, context) => {
      const svm = context.world.store.get('svm', text(draft, 'svm'));
      const parts = objects(draft, 'volumes').map((volume) => ({
        kind: 'volume',
        entry: planVolume(volume, svm, context),
      }));
      if (parts.length === 0) throw new Refusal(400, 262212, 'Field "volumes" requires a value', 'volumes');
      return { $id: draft.$id, uuid: text(draft, 'uuid'), svm: svm.$id, ...withParts(parts) };
    },
    effects: (entry, context) => {
      makeParts(CONTAINER, entry, context);
      context.world.store.remove(CONTAINER, entry.$id);
    },
  },
};
