import type { Resource } from '../core/declaration.ts';
import { readOnly } from './common.ts';

/** The table that tells ASA r2 systems from others: one record. Earlier releases have it under another name. */
export const ontapPersonality: Resource = {
  kind: 'ontap_personality',
  path: '/private/cli/debug/smdb/table/OntapPersonality',
  keys: [],
  passthrough: true,
  clusterOnly: true,
  since: '9.17.1',
  fields: { ASA_R2: readOnly('boolean', { key: true, compute: (_, world) => world.personality === 'asa-r2' }) },
  seed: () => [{ $id: 'personality' }],
};

export const ontapMode: Resource = {
  kind: 'ontap_mode',
  path: '/private/cli/debug/smdb/table/OntapMode',
  keys: [],
  passthrough: true,
  clusterOnly: true,
  fields: { ASA_NEXT: readOnly('boolean', { key: true, compute: (_, world) => world.personality === 'asa-r2' }) },
  seed: () => [{ $id: 'mode' }],
};
