import type { Field, Fields } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { readOnly } from './common.ts';

const MODES = ['inline', 'background', 'both', 'none', 'mixed'];

/** A setting that management tools make and read back; nothing in the simulator depends on it. */
const setting = (path: string, values: readonly string[], unset: string): Field => ({
  kind: 'enum',
  values,
  expensive: true,
  compute: (volume) => text(volume, path) || unset,
});

const SETTINGS: Fields = {
  'efficiency.compression': setting('efficiency.compression', MODES, 'none'),
  'efficiency.dedupe': setting('efficiency.dedupe', MODES, 'none'),
  'efficiency.compaction': setting('efficiency.compaction', ['inline', 'none', 'mixed'], 'none'),
};

/** Storage efficiency, analytics and tags of tiered objects: settings without an effect here. */
export const efficiencyFields: Fields = {
  ...SETTINGS,
  'efficiency.state': readOnly('enum', {
    expensive: true,
    values: ['disabled', 'enabled'],
    compute: (volume) =>
      Object.keys(SETTINGS).some((path) => !['', 'none'].includes(text(volume, path))) ? 'enabled' : 'disabled',
  }),
  'efficiency.policy.name': {
    kind: 'string',
    expensive: true,
    clearable: true,
  },
  'analytics.state': {
    kind: 'enum',
    values: ['off', 'on', 'initializing', 'unknown'],
    compute: (volume) => text(volume, 'analytics.state') || 'off',
  },
  'tiering.object_tags': { kind: 'strings', since: '9.8.0' },
};
