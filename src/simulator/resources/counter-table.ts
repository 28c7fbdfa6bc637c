import type { Resource } from '../core/declaration.ts';
import { text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { noEntry, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { fullVersion, readOnly, unmodelled } from './common.ts';
import { COUNTER_TABLES, type CounterTable } from './counter-catalogue.ts';
import { mapsOf, owningNode } from './lun-fields.ts';
import { constituentsOf } from './volume-constituents.ts';
import { nodeOf } from './volume-node.ts';

const TABLE = 'counter_table';
const SINCE = '9.11.1';

const noTable = () => new Refusal(404, 8585320, 'There is no counter table of that name.', 'name');

const tableOf = (entry: Entry): CounterTable => {
  const name = text(entry, TABLE) || text(entry, 'name');
  const found = COUNTER_TABLES.find((table) => table.name === name);
  if (!found) throw noEntry('name');
  return found;
};

const schemasOf = ({ counters, properties }: CounterTable): readonly StoredObject[] =>
  [
    ...counters.map(({ value: _value, ...schema }): StoredObject => {
      const { denominator, ...others } = schema;
      return denominator === undefined ? others : { ...others, 'denominator.name': denominator };
    }),
    ...Object.entries(properties).map(([name, description]) => ({ name, description, type: 'string', unit: 'none' })),
  ].toSorted((a, b) => (text(a, 'name') < text(b, 'name') ? -1 : 1));

/** `/cluster/counter/tables`: what can be counted. */
export const counterTable: Resource = {
  kind: TABLE,
  path: '/cluster/counter/tables',
  keys: ['name'],
  since: SINCE,
  clusterOnly: true,
  fields: {
    name: readOnly('string', { key: true }),
    description: readOnly('string'),
    counter_schemas: readOnly('objects', {
      of: {
        name: readOnly('string'),
        description: readOnly('string'),
        type: readOnly('enum', { values: ['average', 'rate', 'raw', 'delta', 'percent', 'string'] }),
        unit: readOnly('string'),
        'denominator.name': readOnly('string'),
      },
      compute: (entry) => schemasOf(tableOf(entry)),
    }),
  },
  absent: noTable,
  seed: () => COUNTER_TABLES.map(({ name, description }) => ({ $id: name, name, description })),
};

/** A row: its name, its properties, and the record that it counts for. */
interface Row {
  readonly id: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly subject: string;
}

const nameIn = (kind: string, id: string | undefined, world: World): string =>
  text(world.store.find(kind, id) ?? {}, 'name');

const volumeRows = (world: World): readonly Row[] =>
  world.store
    .all('volume')
    .flatMap((volume) => (text(volume, 'style') === 'flexgroup' ? constituentsOf(volume, world) : [volume]))
    .map((volume) => {
      const node = nodeOf(volume, world) ?? { $id: '' };
      const svm = text(volume, 'svm');
      const properties = {
        'node.name': text(node, 'name'),
        'node.uuid': node.$id,
        'svm.name': nameIn('svm', svm, world),
        'svm.uuid': svm,
        parent_aggregate: nameIn('aggregate', texts(volume, 'aggregates')[0], world),
        name: text(volume, 'name'),
        uuid: volume.$id,
      };
      const id = [properties['node.name'], properties['svm.name'], properties.name, volume.$id].join(':');
      return { id, properties, subject: volume.$id };
    });

/** LUNs that hosts can reach. */
const lunRows = (world: World): readonly Row[] =>
  world.store
    .all('lun')
    .filter(({ $id }) => mapsOf($id, world).length > 0)
    .map((lun) => {
      const svm = text(lun, 'svm');
      const properties = {
        'node.name': nameIn('node', owningNode(lun, world), world),
        'svm.name': nameIn('svm', svm, world),
        'svm.uuid': svm,
        uuid: lun.$id,
      };
      const id = [properties['node.name'], properties['svm.name'], text(lun, 'name'), lun.$id].join(':');
      return { id, properties, subject: lun.$id };
    });

const combined = (kind: 'node' | 'svm', world: World): readonly Row[] =>
  world.store.all(kind).map((entry) => {
    const name = text(entry, 'name');
    return {
      id: `${name}:${entry.$id}`,
      properties: { [`${kind}.name`]: name, [`${kind}.uuid`]: entry.$id },
      subject: entry.$id,
    };
  });

const nodeRows = (world: World): readonly Row[] =>
  world.store.all('node').map((node) => {
    const name = text(node, 'name');
    const properties = {
      'node.name': name,
      system_model: text(node, 'model'),
      ontap_version: fullVersion(world.version),
      serial_no: text(node, 'serial_number'),
      system_id: text(node, 'system_id'),
      hostname: name,
      name,
      uuid: node.$id,
    };
    return { id: `${name}:${node.$id}`, properties, subject: node.$id };
  });

const ROWS: Readonly<Record<string, (world: World) => readonly Row[]>> = {
  lun: lunRows,
  'system:node': nodeRows,
  volume: volumeRows,
  'volume:node': (world) => combined('node', world),
  'volume:svm': (world) => combined('svm', world),
};

const entriesOf = (table: string, world: World): readonly Entry[] =>
  (ROWS[table]?.(world) ?? [])
    .map(({ id, properties, subject }) => ({
      $id: `${table}/${id}`,
      [TABLE]: table,
      id,
      $subject: subject,
      properties: Object.entries(properties).map(([name, value]) => ({ name, value })),
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

const valuesOf = (row: Entry, world: World): readonly StoredObject[] => {
  const subject = { $id: text(row, '$subject'), ...world.store.find('node', text(row, '$subject')) };
  return tableOf(row).counters.map(({ name, value }) => ({ name, value: value?.(subject, world) ?? 0 }));
};

/** `/cluster/counter/tables/{name}/rows`: what was counted, since the array was made. */
export const counterRow: Resource = {
  kind: 'counter_row',
  path: '/cluster/counter/tables/{counter_table.name}/rows',
  keys: ['id'],
  order: [TABLE, 'id'],
  since: SINCE,
  clusterOnly: true,
  fields: {
    [TABLE]: readOnly('ref', { to: TABLE, children: ['name'], key: true }),
    id: readOnly('string', { key: true }),
    properties: readOnly('objects', { of: { name: readOnly('string'), value: readOnly('string') } }),
    counters: readOnly('objects', {
      of: { name: readOnly('string'), value: readOnly('integer') },
      compute: valuesOf,
    }),
    ...unmodelled('aggregation'),
  },
  noParent: noTable,
  derived: (_parameters, world, _filters, { [TABLE]: table }) =>
    (table === undefined ? COUNTER_TABLES.map(({ name }) => name) : [table]).flatMap((name) => entriesOf(name, world)),
};
