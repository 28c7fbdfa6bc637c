import type { Resource } from '../core/declaration.ts';
import { Refusal } from '../core/refusal.ts';
import { readOnly, requiredSvm, unmodelled } from './common.ts';
import { onePerSvm } from './each-svm.ts';

/** `/name-services/nis`: where an SVM looks users and hosts up. Nobody is asked. */
export const nis: Resource = {
  kind: 'nis',
  path: '/name-services/nis',
  keys: ['svm.uuid'],
  order: ['svm'],
  fields: {
    svm: requiredSvm,
    domain: { kind: 'string', required: true, maxLength: 64 },
    servers: { kind: 'strings', required: true },
    bound_servers: readOnly('strings', { compute: (entry) => entry['servers'] }),
    ...unmodelled('binding_details'),
  },
  ...onePerSvm(() => new Refusal(409, 1, 'The SVM has a NIS configuration already.', 'svm')),
  create: { asynchronous: false },
  modify: { asynchronous: false },
  remove: { asynchronous: false },
};
