import type { Field, Resource, Values } from '../core/declaration.ts';
import { readOnly, scopeOf, uuidField } from './common.ts';
import { inEachSvm } from './each-svm.ts';
import { clusterOf } from './lookups.ts';

const MESSAGES = 'login_messages';

/** The message of the day; the cluster's is shown before that of an SVM, unless the SVM's record says no. */
const MESSAGE = 'message';
const SHOWS_CLUSTER = 'show_cluster_message';

const text: Field = { kind: 'string', maxLength: 2048 };

/** Lines end as UNIX has it, the last one too; an empty text takes the message away. */
const settled = (value: string): string | undefined => {
  const lines = value.replaceAll('\r\n', '\n');
  return lines === '' || lines.endsWith('\n') ? lines || undefined : `${lines}\n`;
};

const change = (changes: Values): Values =>
  Object.fromEntries(
    Object.entries(changes).map(([path, value]) => [path, typeof value === 'string' ? settled(value) : value]),
  );

const ofSvms = inEachSvm(MESSAGES, ({ $id }) => [{ $id, uuid: $id, svm: $id }]);

/** `/security/login/messages`: what is shown before and after a login to a shell. It is kept, and nobody sees it. */
export const loginMessages: Resource = {
  kind: MESSAGES,
  path: '/security/login/messages',
  keys: ['uuid'],
  clusterOnly: 'writes',
  fields: {
    uuid: uuidField,
    banner: text,
    [MESSAGE]: text,
    [SHOWS_CLUSTER]: {
      kind: 'boolean',
      compute: (entry) => entry[SHOWS_CLUSTER] ?? (entry[MESSAGE] === undefined ? undefined : true),
    },
    scope: readOnly('enum', { values: ['cluster', 'svm'], compute: scopeOf }),
    svm: readOnly('ref', { to: 'svm' }),
  },
  indexes: ['svm'],
  modify: { asynchronous: false, prepare: change },
  ...ofSvms,
  seed: (topology, world) => {
    const { $id } = clusterOf(world);
    return [{ $id, uuid: $id }, ...ofSvms.seed(topology, world)];
  },
};
