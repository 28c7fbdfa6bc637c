import type { JsonObject } from '../../../json.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import type { ClonePlan, VolumePlan } from '../../objects.ts';
import type { Lost, Ok, Refused, Unreadable } from '../client/outcome.ts';

/** A LUN or namespace, as far as the volume around it is concerned. */
export interface Device {
  readonly uuid: string;
  /** Path `/vol/<volume>/<device>`. */
  readonly name: string;
  readonly space?: { readonly size?: number | undefined } | undefined;
}
/** What a handle knows about its device. */
export type DeviceRef = Pick<Device, 'uuid' | 'name'>;

/** The devices of one kind on an SVM: LUNs, or namespaces. What is the same for both stands in `device-flexvol.ts`. */
export interface Devices<Fields, D extends Device> {
  /** For messages: `LUN`. */
  readonly noun: string;
  /** Path of the device in a FlexVol of its own. */
  pathIn(volume: string): string;
  /** Bytes of the device that a plan makes. */
  bytesOf(plan: VolumePlan): number;
  /** The devices in a FlexVol, with all that we use of them. */
  allIn(volume: string, signal: AbortSignal): Promise<readonly D[]>;
  findAt(path: string, signal: AbortSignal): Promise<D | undefined>;
  getAll(uuid: string, signal: AbortSignal): Promise<D | undefined>;
  /** Size of a device in bytes; undefined when it is gone. */
  sizeOf(uuid: string, signal: AbortSignal): Promise<number | undefined>;
  /** Makes the device of a plan; the value is undefined when the array made it and told nothing of it. */
  make(
    plan: VolumePlan,
    fields: Fields,
    since: Date,
    signal: AbortSignal,
  ): Promise<Ok<D | undefined> | Refused | Unreadable | Lost>;
  /** What the device in a clone needs beyond what it has from its source. */
  dress(device: D, plan: ClonePlan, signal: AbortSignal): Promise<void>;
  /**
   * Makes a device larger; the size that it has is as good. False when it is larger than that already.
   * @throws Problem `volume.not-on-array`
   */
  grow(device: DeviceRef, bytes: number, signal: AbortSignal): Promise<boolean>;
  /** The device in a handle's ref; undefined for volumes that another Trident made. */
  read(ref: JsonObject): DeviceRef | undefined;
  /** The part of a handle's ref that keeps the device. */
  write(device: D): JsonObject;
  /** What the volume's record tells of the device. */
  recorded(device: DeviceRef): Partial<VolumeConfig>;
  missing(name: string): Problem;
}

/** The device that a FlexVol is made for: the one with our name, else the only one there is. */
export const onlyDevice = <D extends Device>(inside: readonly D[], path: string): D | undefined =>
  inside.find((device) => device.name === path) ?? (inside.length === 1 ? inside[0] : undefined);

/** A device that is larger than asked for stays so. */
export const shrinkRefused = (noun: string, name: string, bytes: number, size: number): Problem =>
  new Problem(
    'volume.shrink',
    'limit',
    `requested size ${bytes} is less than existing volume size ${size}; the ${noun} of ${name} is not made smaller`,
    { nothingDone: true },
  );
