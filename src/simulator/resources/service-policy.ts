import type { Resource, Values } from '../core/declaration.ts';
import { findText, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import { INTERFACE_SERVICES } from '../core/topology.ts';
import type { World } from '../core/world.ts';
import { existsAlready, nameField, readOnly, scopeOf, svmField, uuidField } from './common.ts';
import { DEFAULT_IPSPACE, ipspaceField, ipspaceNamed } from './ipspace.ts';
import { isMeant } from './lookups.ts';

const POLICY = 'service_policy';

/** What the fixed policies let interfaces of the cluster, or of an SVM, serve. */
export const SERVICE_POLICIES: Readonly<
  Record<string, { readonly scope: string; readonly services: readonly string[] }>
> = {
  'default-data-files': {
    scope: 'svm',
    services: ['data_core', 'data_nfs', 'data_cifs', 'data_flexcache', 'data_fpolicy_client'],
  },
  'default-data-blocks': { scope: 'svm', services: ['data_core', 'data_iscsi'] },
  'default-data-iscsi': { scope: 'svm', services: ['data_core', 'data_iscsi'] },
  'default-data-nvme-tcp': { scope: 'svm', services: ['data_core', 'data_nvme_tcp'] },
  'default-management': {
    scope: 'cluster',
    services: [
      'management_core',
      'management_autosupport',
      'management_ems',
      'management_https',
      'management_http',
      'management_ssh',
    ],
  },
  'default-intercluster': { scope: 'cluster', services: ['intercluster_core', 'management_https'] },
  'default-cluster': { scope: 'cluster', services: ['cluster_core'] },
  'default-route-announce': { scope: 'cluster', services: ['management_bgp'] },
};

const BLOCK = ['data_iscsi', 'data_nvme_tcp'];
const FILE = ['data_nfs', 'data_cifs'];

const refuse = (code: number, message: string, target: string) => new Refusal(400, code, message, target);

const isBuiltIn = (policy: Entry): boolean => Object.hasOwn(SERVICE_POLICIES, text(policy, 'name'));

const checkName = (name: string) => {
  if (name.startsWith('default-'))
    throw refuse(53281931, 'Names of service policies cannot start with "default-".', 'name');
};

/** As they are kept: commands, and some clients, write them with dashes. */
const servicesOf = (values: StoredObject): readonly string[] => {
  const services = texts(values, 'services').map((service) => service.replaceAll('-', '_'));
  const stranger = services.find((service) => !INTERFACE_SERVICES.includes(service));
  if (stranger !== undefined) throw refuse(53281932, `The service "${stranger}" does not exist.`, 'services');
  if ([BLOCK, FILE].every((some) => some.some((service) => services.includes(service))))
    throw refuse(53281929, 'Service policies cannot combine block and file services.', 'services');
  return services;
};

/** Whose a policy or an interface is: an SVM's, or an IPspace's where it is the cluster's. */
const ownerOf = (entry: StoredObject, world: World): string | undefined =>
  findText(entry, 'svm') ?? findText(entry, 'ipspace') ?? ipspaceNamed(DEFAULT_IPSPACE, world);

/** A policy for an interface, by its name or its UUID; the fixed ones are everybody's. */
export const findServicePolicy = (
  given: { readonly name?: unknown; readonly uuid?: unknown },
  lif: StoredObject,
  world: World,
): Entry | undefined => {
  const owner = ownerOf(lif, world);
  return world.store
    .all(POLICY)
    .find((policy) => isMeant(policy, given.uuid, given.name) && (policy['$owner'] === owner || isBuiltIn(policy)));
};

const isGiven = (values: Values): boolean =>
  values['service_policy.name'] !== undefined || values['service_policy.uuid'] !== undefined;

/** Values of an interface with those that its service policy gives it; `fallback` is the policy when none is named. */
export const withServicePolicy = (
  values: Values,
  lif: StoredObject,
  fallback: string | undefined,
  world: World,
): Values => {
  if (!isGiven(values) && fallback === undefined) return values;
  const { 'service_policy.name': given, 'service_policy.uuid': uuid, ...others } = values;
  const name = given ?? (uuid === undefined ? fallback : undefined);
  const policy = findServicePolicy({ name, uuid }, lif, world);
  if (!policy)
    throw refuse(53281065, `The service policy "${String(name ?? uuid)}" does not exist.`, 'service_policy.name');
  return { ...others, 'service_policy.name': text(policy, 'name'), services: texts(policy, 'services') };
};

/** Interfaces that have the policy, which they know by its name. */
const interfacesWith = (policy: Entry, world: World): readonly Entry[] =>
  world.store
    .all('ip_interface')
    .filter((lif) => lif['service_policy.name'] === policy['name'] && ownerOf(lif, world) === policy['$owner']);

const checkScope = (draft: Entry) => {
  if (draft['scope'] !== undefined && draft['scope'] !== scopeOf(draft))
    throw refuse(
      262197,
      `A policy ${draft['svm'] === undefined ? 'without' : 'with'} an SVM has the other scope.`,
      'scope',
    );
};

/** `/network/ip/service-policies`: what interfaces let clients reach. */
export const servicePolicy: Resource = {
  kind: POLICY,
  path: '/network/ip/service-policies',
  keys: ['uuid'],
  order: ['name'],
  fields: {
    uuid: uuidField,
    name: nameField,
    scope: { kind: 'enum', values: ['svm', 'cluster'], write: 'create' },
    services: { kind: 'strings', default: [] },
    is_built_in: readOnly('boolean', { since: '9.11.1', compute: isBuiltIn }),
    ipspace: {
      ...ipspaceField,
      compute: (entry, world) =>
        world.store.find('svm', text(entry, 'svm'))?.['ipspace'] ??
        entry['ipspace'] ??
        ipspaceNamed(DEFAULT_IPSPACE, world),
    },
    svm: svmField,
  },
  indexes: ['svm'],
  unique: [{ fields: ['$owner', 'name'], refusal: existsAlready('A service policy', 1) }],
  inside: [{ kind: 'svm', field: 'svm' }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      checkName(text(draft, 'name'));
      checkScope(draft);
      const ipspace = draft['ipspace'] ?? ipspaceNamed(DEFAULT_IPSPACE, world);
      return {
        ...draft,
        services: servicesOf(draft),
        scope: scopeOf(draft),
        ...(draft['svm'] === undefined ? { ipspace } : {}),
        $owner: ownerOf(draft, world),
      };
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      const { name } = changes;
      if (isBuiltIn(before)) {
        if (name !== undefined)
          throw refuse(53281930, 'Service policies maintained by the system cannot be renamed.', 'name');
        throw notSimulated('Changing a service policy that is maintained by the system');
      }
      if (typeof name === 'string') checkName(name);
      return changes['services'] === undefined ? changes : { ...changes, services: servicesOf(changes) };
    },
    effects: (after, before, { world }) => {
      const changed = { 'service_policy.name': text(after, 'name'), services: texts(after, 'services') };
      for (const { $id } of interfacesWith(before, world)) world.store.change('ip_interface', $id, changed);
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (isBuiltIn(entry))
        throw new Refusal(409, 53281927, 'Service policies owned by the system cannot be deleted.', 'uuid');
      const [lif] = interfacesWith(entry, world);
      if (lif) throw new Refusal(409, 53281928, `The interface "${text(lif, 'name')}" has the policy.`, 'uuid');
    },
  },
  seed: (_, world) =>
    Object.entries(SERVICE_POLICIES).map(([name, { scope, services }]) => {
      const id = world.random.uuid(POLICY);
      return { $id: id, uuid: id, name, scope, services };
    }),
};
