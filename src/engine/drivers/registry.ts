import { Problem } from '../problem.ts';
import type { DriverKind } from './driver.ts';

/** Drivers are loaded when a configuration or a record asks for one, so that none of them costs start-up. */
const loaders: ReadonlyMap<string, () => Promise<DriverKind>> = new Map([
  ['fake', async () => (await import('./fake/kind.ts')).fake],
  ['ontap-san-economy', async () => (await import('./ontap/san-economy-kind.ts')).ontapSanEconomy],
  ['ontap-san', async () => (await import('./ontap/san-kind.ts')).ontapSan],
  ['ontap-nas', async () => (await import('./ontap/kind.ts')).ontapNas],
  ['ontap-nas-economy', async () => (await import('./ontap/economy-kind.ts')).ontapNasEconomy],
  ['ontap-nas-flexgroup', async () => (await import('./ontap/kind.ts')).ontapNasFlexgroup],
]);

/** Drivers that stock has and this release does not. */
const missing: ReadonlySet<string> = new Set([
  'solidfire-san',
  'azure-netapp-files',
  'google-cloud-netapp-volumes',
  'google-cloud-netapp-volumes-san',
]);

/** The names that a configuration may ask for. */
const driverNames: readonly string[] = [...loaders.keys()];

/**
 * The kind of driver with this name, or undefined when nobody knows one.
 * @throws Problem `driver.not-in-release` (kind `unsupported`) for a driver of Trident's that is not built in yet
 */
export const driverKind = async (name: string): Promise<DriverKind | undefined> => {
  if (missing.has(name))
    throw new Problem('driver.not-in-release', 'unsupported', `storage driver ${name} is not in this release`, {
      hint: `this release has ${driverNames.join(', ')}`,
      path: ['storageDriverName'],
      nothingDone: true,
    });
  return loaders.get(name)?.();
};
