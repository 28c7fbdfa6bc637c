import type { Resource } from '../core/declaration.ts';
import { isObject, objects, text, texts, type Entry } from '../core/entry.ts';
import { textPattern } from '../core/pattern.ts';
import { noEntry, Refusal } from '../core/refusal.ts';
import { LICENCE_PACKAGES } from '../core/topology.ts';
import type { World } from '../core/world.ts';
import { readOnly, unmodelled } from './common.ts';

const STATES = ['compliant', 'noncompliant', 'unlicensed', 'unknown'];

const LICENCE = 'licence';

interface Serial {
  readonly owner: string;
  readonly serial: string;
}

const serialNumbers = (world: World): readonly Serial[] =>
  world.store
    .all('node')
    .map((node, index) => ({ owner: text(node, 'name'), serial: `1-81-0000000000000${index + 1}` }));

const installed = (name: string, nodes: readonly Serial[]): Entry => ({
  $id: name,
  name,
  scope: 'node',
  state: 'compliant',
  description: `${name} licence`,
  'entitlement.action': 'none',
  'entitlement.risk': 'low',
  licenses: nodes.map(({ owner, serial }) => ({
    owner,
    serial_number: serial,
    active: true,
    evaluation: false,
    installed_license: 'ONTAP One',
    'compliance.state': 'compliant',
  })),
});

const known = (name: string): string => {
  const found = LICENCE_PACKAGES.find(
    (each) => each.replaceAll('_', '') === name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''),
  );
  if (found === undefined) throw new Refusal(400, 1115141, `There is no package "${name}".`, 'keys');
  return found;
};

/** What a key of 28 letters is for cannot be told: here it begins with the name of its package, `NFSAAAA…`. */
const packageOfKey = (key: string): string => {
  if (!/^[A-Z0-9]{28}$/.test(key)) throw new Refusal(400, 1115159, 'The key is not in a known format.', 'keys');
  const fitting = LICENCE_PACKAGES.filter((each) => key.startsWith(each.replaceAll('_', '').toUpperCase()));
  return known(fitting.toSorted((a, b) => b.length - a.length)[0] ?? key);
};

/** A licence file is JSON that names its packages. */
const packagesOfFile = (key: string): readonly string[] => {
  let file: unknown;
  try {
    file = JSON.parse(key);
  } catch {
    throw new Refusal(400, 1115159, 'The licence file is not JSON.', 'keys');
  }
  const response = isObject(file) ? file['statusResp'] : undefined;
  const licences = isObject(response) ? response['licenses'] : undefined;
  const names = isObject(licences) ? licences['package'] : undefined;
  if (!Array.isArray(names)) throw new Refusal(400, 1115141, 'The licence file names no packages.', 'keys');
  return names.map((name) => known(String(name)));
};

const packagesOf = (keys: readonly string[]): readonly string[] => {
  if (keys.length === 0) throw new Refusal(400, 1115130, 'A licence key is needed.', 'keys');
  return [
    ...new Set(keys.flatMap((key) => (key.trimStart().startsWith('{') ? packagesOfFile(key) : packageOfKey(key)))),
  ];
};

/** `/cluster/licensing/licenses`: the packages the topology names, on every node, and those that keys brought. */
export const licence: Resource = {
  kind: 'licence',
  path: '/cluster/licensing/licenses',
  keys: ['name'],
  clusterOnly: true,
  commasSeparate: true,
  fields: {
    name: readOnly('string', { key: true }),
    scope: readOnly('enum', { key: true, values: ['not_available', 'site', 'cluster', 'node'] }),
    state: readOnly('enum', { key: true, values: STATES }),
    description: readOnly('string'),
    keys: { kind: 'strings', write: 'create', secret: true },
    'entitlement.action': readOnly('string'),
    'entitlement.risk': readOnly('string'),
    licenses: {
      kind: 'objects',
      write: 'never',
      of: {
        owner: { kind: 'string' },
        serial_number: { kind: 'string' },
        active: { kind: 'boolean' },
        evaluation: { kind: 'boolean' },
        installed_license: { kind: 'string' },
        'compliance.state': { kind: 'enum', values: STATES },
        ...unmodelled('capacity', 'expiry_time', 'host_id', 'shutdown_imminent', 'start_time'),
      },
    },
  },
  parameters: { remove: ['serial_number'] },
  // Packages without a licence are only shown to those who ask for them.
  derived: (_parameters, world, filters) => {
    if (filters.get('state')?.includes('unlicensed') !== true) return undefined;
    const missing = LICENCE_PACKAGES.filter((name) => !world.store.find(LICENCE, name));
    const unlicensed = missing.map((name): Entry => ({ $id: name, name, scope: 'not_available', state: 'unlicensed' }));
    return [...world.store.all(LICENCE), ...unlicensed].toSorted((a, b) => world.store.compare(LICENCE, a, b));
  },
  identify: (draft) => packagesOf(texts(draft, 'keys'))[0] ?? '',
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      // What is there already may be installed again.
      const [first = '', ...others] = packagesOf(texts(draft, 'keys'));
      return { ...installed(first, serialNumbers(world)), $id: first, $others: others };
    },
    effects: (entry, { world }) => {
      const more = texts(entry, '$others');
      world.store.change(LICENCE, entry.$id, { $others: undefined });
      for (const name of more) world.store.put(LICENCE, installed(name, serialNumbers(world)));
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, { parameters }) => {
      const { serial_number: wanted = '*' } = parameters;
      const fits = objects(entry, 'licenses').some((each) => textPattern(wanted).test(text(each, 'serial_number')));
      if (!fits) throw noEntry('serial_number');
    },
  },
  seed: ({ licences }, world) => licences.map((name) => installed(name, serialNumbers(world))),
};
