import { Problem } from '../problem.ts';
import { closest } from '../validation.ts';
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

/** Nobody knows a driver of this name; the hint says which one was meant, or which there are. */
export const unknownDriver = (name: string, known: readonly string[]): Problem => {
  const meant = closest(name, known);
  return new Problem('driver.unknown', 'invalid', `unknown storage driver: ${name}`, {
    hint: meant === undefined ? `this release has ${known.join(', ')}` : `did you mean ${meant}?`,
    path: ['storageDriverName'],
    nothingDone: true,
  });
};

/**
 * The kind of driver with this name.
 * @throws Problem `driver.unknown` (kind `invalid`), and `driver.not-in-release` (kind `unsupported`) for a driver of
 *   Trident's that is not built in yet
 */
export const driverKind = async (name: string): Promise<DriverKind> => {
  if (missing.has(name))
    throw new Problem('driver.not-in-release', 'unsupported', `storage driver ${name} is not in this release`, {
      hint: `this release has ${driverNames.join(', ')}`,
      path: ['storageDriverName'],
      nothingDone: true,
    });
  const load = loaders.get(name);
  if (load === undefined) throw unknownDriver(name, driverNames);
  return load();
};
