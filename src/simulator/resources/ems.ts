import type { Resource } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { readOnly } from './common.ts';

const SEVERITIES = ['emergency', 'alert', 'error', 'notice', 'informational', 'debug'];

/** `/support/ems/application-logs`: takes messages of applications; each becomes an event. */
export const emsLog: Resource = {
  kind: 'ems_log',
  path: '/support/ems/application-logs',
  keys: [],
  order: ['$number'],
  writeOnly: true,
  fields: {
    app_version: { kind: 'string' },
    autosupport_required: { kind: 'boolean', default: false },
    category: { kind: 'string' },
    computer_name: { kind: 'string', required: true },
    event_description: { kind: 'string' },
    event_id: { kind: 'integer' },
    event_source: { kind: 'string', required: true },
    severity: { kind: 'enum', values: ['emergency', 'alert', 'error', 'notice'], default: 'notice' },
  },
  create: {
    asynchronous: false,
    effects: (entry, { world }) => {
      const index = world.store.all('ems_event').length + 1;
      world.store.change('ems_log', entry.$id, { $number: index });
      const severity = text(entry, 'severity');
      world.store.put('ems_event', {
        $id: world.random.uuid('ems_event'),
        node: world.store.all('node')[0]?.$id,
        index,
        time: world.clock.text(),
        'message.name': `app.log.${severity}`,
        'message.severity': severity,
        source: text(entry, 'event_source'),
        parameters: ['computer_name', 'event_source', 'app_version', 'event_id', 'category', 'event_description'].map(
          (name) => ({ name, value: String(entry[name] ?? '') }),
        ),
        log_message: `app.log.${severity}: ${text(entry, 'computer_name')}: ${text(entry, 'event_source')} ${text(entry, 'app_version')}: (${String(entry['event_id'] ?? 0)}) ${text(entry, 'category')}: ${text(entry, 'event_description')}`,
      });
    },
  },
};

export const emsEvent: Resource = {
  kind: 'ems_event',
  path: '/support/ems/events',
  commasSeparate: true,
  keys: ['node.name', 'index'],
  order: ['index'],
  clusterOnly: true,
  fields: {
    node: { kind: 'ref', to: 'node', children: ['name', 'uuid'], write: 'never', key: true },
    index: readOnly('integer', { key: true }),
    time: readOnly('time'),
    'message.name': readOnly('string'),
    'message.severity': readOnly('enum', { values: SEVERITIES }),
    source: readOnly('string'),
    parameters: { kind: 'objects', write: 'never', of: { name: { kind: 'string' }, value: { kind: 'string' } } },
    log_message: readOnly('string'),
  },
};
