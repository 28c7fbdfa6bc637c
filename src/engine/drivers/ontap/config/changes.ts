import type { ConfigChange } from '../../driver.ts';
import type { OntapConfig } from './schema.ts';

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);
const prefixOf = (config: OntapConfig): string | null =>
  typeof config.storagePrefix === 'string' ? config.storagePrefix : null;

/** A LUN does not become a namespace; iSCSI and Fibre Channel lead to the same LUNs. */
const servesNamespaces = ({ storageDriverName, sanType }: OntapConfig): boolean =>
  storageDriverName === 'ontap-san' && sanType?.toLowerCase() === 'nvme';

/** What an update would change that the core has to know of (ontap-drivers.md 2.5). The data LIF may change. */
export const configChanges = (before: OntapConfig, after: OntapConfig): ReadonlySet<ConfigChange> => {
  const changes = new Set<ConfigChange>();
  if (before.storageDriverName !== after.storageDriverName || servesNamespaces(before) !== servesNamespaces(after))
    changes.add('invalid');
  if (differs(prefixOf(before), prefixOf(after))) changes.add('prefix');
  if (differs(before.backendName ?? '', after.backendName ?? '')) changes.add('rename');
  if (differs(before.username ?? '', after.username ?? '')) changes.add('username');
  if (differs(before.password ?? '', after.password ?? '')) changes.add('password');
  if (differs(before.credentials, after.credentials)) changes.add('credentials');
  return changes;
};
