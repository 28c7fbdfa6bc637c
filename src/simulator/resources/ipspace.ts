import type { Field, Resource } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { existsAlready, nameField, uuidField } from './common.ts';

const IPSPACE = 'ipspace';
export const DEFAULT_IPSPACE = 'Default';
/** Where nodes speak with each other. */
export const CLUSTER_IPSPACE = 'Cluster';

const BUILT_IN: readonly string[] = [DEFAULT_IPSPACE, CLUSTER_IPSPACE];

/** The key of an IPspace that is there from the beginning. */
export const ipspaceNamed = (name: string, world: World): string | undefined =>
  world.store.by(IPSPACE, 'name', name)[0]?.$id;

export const ipspaceField: Field = { kind: 'ref', to: IPSPACE, write: 'create' };

/** Kinds of records that lie in an IPspace. */
const IN_IPSPACE = ['svm', 'broadcast_domain', 'ip_subnet', 'ip_route', 'ip_interface', 'service_policy'];

/** `/network/ipspaces`: address spaces that know nothing of each other. */
export const ipspace: Resource = {
  kind: IPSPACE,
  path: '/network/ipspaces',
  keys: ['uuid'],
  order: ['name'],
  clusterOnly: 'writes',
  fields: { uuid: uuidField, name: { ...nameField, maxLength: 255 } },
  unique: [{ fields: ['name'], refusal: existsAlready('An IPspace', 1) }],
  create: { asynchronous: false },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      checkOwn(text(before, 'name'));
      return changes;
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      checkOwn(text(entry, 'name'));
      const user = IN_IPSPACE.find((kind) => world.store.all(kind).some((each) => each[IPSPACE] === entry.$id));
      if (user !== undefined)
        throw new Refusal(409, 8, `The IPspace "${text(entry, 'name')}" is in use (${user}).`, 'uuid');
    },
  },
  seed: (_, world) =>
    BUILT_IN.map((name) => {
      const id = world.random.uuid(IPSPACE);
      return { $id: id, uuid: id, name };
    }),
};

const checkOwn = (name: string) => {
  if (BUILT_IN.includes(name)) throw new Refusal(409, 8, `The IPspace "${name}" cannot be renamed or deleted.`, 'name');
};
