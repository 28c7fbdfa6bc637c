import type { Driver } from '../drivers/driver.ts';
import type { Settled, VolumeOnArray } from '../drivers/objects.ts';
import type { JsonObject } from '../json.ts';
import { requireAddressable } from '../object-names.ts';
import { Problem } from '../problem.ts';
import { closest } from '../validation.ts';
import type { Core } from './core.ts';
import { readState } from './json-state.ts';
import type { StorageClassRecord, VolumeConfig, VolumeRecord } from './model.ts';

/** What creating, cloning and importing a volume have in common. */

/** What the driver said it made, from a journal. */
export const decodeMade = (json: JsonObject): VolumeOnArray => {
  const made = readState(json);
  return {
    ref: made.object('ref'),
    size: made.integer('size'),
    accessInformation: made.object('accessInformation'),
    config: made.object('config'),
  };
};

/** A record of a volume that the driver has just made or taken over. */
export const recordOf = (
  config: VolumeConfig,
  made: VolumeOnArray,
  place: { readonly backendUUID: string; readonly pool: string; readonly poolKey: string },
): VolumeRecord => ({
  config: { ...config, ...made.config, size: made.size, accessInformation: made.accessInformation },
  ...place,
  orphaned: false,
  state: 'online',
  ref: made.ref,
});

const holderOf = async ({ store }: Core, backendUUID: string, internalName: string): Promise<string | undefined> =>
  (await store.find('volume', 'object', `${backendUUID}/${internalName}`))?.value.config.name;

/** Refuses what would have the name of another volume on the array. @throws Problem `volume.internal-name` (kind `exists`) */
export const requireFreeOnArray = async (core: Core, backendUUID: string, internalName: string): Promise<void> => {
  const holder = await holderOf(core, backendUUID, internalName);
  if (holder === undefined) return;
  throw new Problem(
    'volume.internal-name',
    'exists',
    `the name ${internalName} on the array belongs to another volume, ${holder}`,
    { hint: 'choose a name that differs in more than punctuation', nothingDone: true },
  );
};

/**
 * Takes back what was begun on a backend, and says what is left of it. A backend may be deleted while what was begun on it
 * cannot be taken back; nobody can look any more then.
 * @param take answers a remark when something was left as it was
 */
export const takeBack = async (
  core: Core,
  backendUUID: string,
  { internalName }: VolumeConfig,
  take: (driver: Driver, backend: string) => Promise<string | undefined>,
): Promise<string | undefined> => {
  const backend = await core.store.get('backend', backendUUID);
  if (backend === undefined)
    return `its backend was deleted before it could be seen whether ${internalName} is there, and there it was left`;
  // Made after this had failed, as it seemed; nothing on the array would tell the two apart.
  const holder = await holderOf(core, backendUUID, internalName);
  if (holder !== undefined) return `${internalName} belongs to volume ${holder} and was left alone`;
  return core.drivers.use(backend, (driver) => take(driver, backend.value.name));
};

/** What was made by somebody else stays. */
export const remarkOf = (settled: Settled, { internalName }: VolumeConfig, backend: string): string | undefined =>
  settled === 'foreign'
    ? `${internalName} on backend ${backend} is not what this operation made and was left alone`
    : undefined;

/** Refuses a name that a volume has already (VOL-2), or cannot have. @throws Problem `volume.exists`, `name.unaddressable` */
export const requireNewName = async ({ store }: Core, name: string): Promise<void> => {
  requireAddressable('volume', name, 'name');
  const existing = await store.get('volume', name);
  if (existing === undefined) return;
  const text =
    existing.value.state === 'subordinate'
      ? `volume ${name} exists but is a subordinate volume`
      : `volume ${name} already exists`;
  throw new Problem('volume.exists', 'exists', text, { nothingDone: true });
};

/** The text of VOL-4, and which class was meant, or which there are. */
const unknownClass = async ({ store }: Core, name: string): Promise<Problem> => {
  const known = await store.ids('storageClass');
  const meant = closest(name, known);
  const some = known.length <= 5 ? known.join(', ') : `${known.slice(0, 5).join(', ')} and ${known.length - 5} more`;
  const there = known.length === 0 ? 'there is none yet: `create storageclass`' : `there are ${some}`;
  return new Problem('storageclass.not-found', 'notFound', `unknown storage class: ${name}`, {
    nothingDone: true,
    hint: name !== '' && meant !== undefined ? `did you mean ${meant}?` : there,
  });
};

/** @throws Problem `storageclass.not-found` (kind `notFound`) */
export const getClassFor = async (core: Core, name: string): Promise<StorageClassRecord> => {
  const found = await core.store.get('storageClass', name);
  if (found === undefined) throw await unknownClass(core, name);
  return found.value;
};
