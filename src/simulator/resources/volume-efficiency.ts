import type { Fields } from '../core/declaration.ts';
import { readOnly } from './common.ts';

/** Storage efficiency and tags of tiered objects: read by every management tool, without an effect here. */
export const efficiencyFields: Fields = {
  'efficiency.state': readOnly('enum', { expensive: true, values: ['disabled', 'enabled'], compute: () => 'disabled' }),
  'efficiency.compression': readOnly('enum', {
    expensive: true,
    values: ['inline', 'background', 'both', 'none', 'mixed'],
    compute: () => 'none',
  }),
  'efficiency.dedupe': readOnly('enum', {
    expensive: true,
    values: ['inline', 'background', 'both', 'none', 'mixed'],
    compute: () => 'none',
  }),
  'tiering.object_tags': { kind: 'strings', since: '9.8.0' },
};
