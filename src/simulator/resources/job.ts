import type { Resource } from '../core/declaration.ts';
import { JOB } from '../core/jobs.ts';
import { readOnly, uuidField } from './common.ts';

/** `/cluster/jobs`: what `core/jobs.ts` keeps. */
export const job: Resource = {
  kind: JOB,
  path: '/cluster/jobs',
  keys: ['uuid'],
  fields: {
    uuid: uuidField,
    description: readOnly('string'),
    state: readOnly('enum', { values: ['queued', 'running', 'paused', 'success', 'failure'] }),
    message: readOnly('string'),
    code: readOnly('integer'),
    'error.message': readOnly('string'),
    'error.code': readOnly('string'),
    start_time: readOnly('time'),
    end_time: readOnly('time'),
    node: { kind: 'ref', to: 'node', children: ['name'], write: 'never' },
    svm: { kind: 'ref', to: 'svm', write: 'never' },
  },
  notSimulated: ['modify'],
  beforeRead: (entry, world) => world.jobs.read(entry),
  reactions: [
    {
      to: 'svm',
      removed: (svm, { world }) => {
        for (const each of world.store.all(JOB)) {
          if (each['svm'] === svm.$id) world.store.change(JOB, each.$id, { svm: undefined });
        }
      },
    },
  ],
};
