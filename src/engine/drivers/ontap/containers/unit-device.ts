import type { JsonObject } from '../../../json.ts';
import type { ArrayRefusal, Problem } from '../../../problem.ts';
import type { ImportCandidate, ImportPlan, VolumePlan } from '../../objects.ts';
import type { Lost, Ok, Refused, Unreadable } from '../client/outcome.ts';
import type { Device, DeviceRef } from './device.ts';
import type { DeviceRemover } from './device-removal.ts';

/** A LUN or namespace that is a storage unit; its comment carries the labels. */
export interface UnitDevice extends Device {
  readonly comment: string;
}

/** One PATCH of a device. */
export interface UnitChange<D> {
  readonly fields: string;
  readonly done: (found: D) => boolean;
  readonly what: string;
}

/** The storage units of one kind: LUNs, or namespaces. What is the same for both stands in `unit-container.ts`. */
export interface UnitDevices<Fields, D extends UnitDevice> {
  /** For messages: `LUN`. */
  readonly noun: string;
  readonly remover: DeviceRemover;
  findNamed(name: string, signal: AbortSignal): Promise<D | undefined>;
  getAll(uuid: string, signal: AbortSignal): Promise<D | undefined>;
  candidateNamed(name: string, signal: AbortSignal): Promise<ImportCandidate | undefined>;
  /** The device of an import as it was found, and the comment that it is to get; empty: none. */
  inImport(plan: ImportPlan): { readonly device: D; readonly comment: string };
  /** Makes the device of a plan; the value is undefined when the array made it and told nothing of it. */
  make(
    plan: VolumePlan,
    fields: Fields,
    since: Date,
    signal: AbortSignal,
  ): Promise<Ok<D | undefined> | Refused | Unreadable | Lost>;
  /** Made since, and such as the plan makes it. */
  isOf(found: D, plan: VolumePlan, since: Date): boolean;
  /** False when the device is gone. */
  patch(
    device: DeviceRef,
    body: Readonly<Record<string, unknown>>,
    change: UnitChange<D>,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** See `Devices.grow`. */
  grow(device: DeviceRef, bytes: number, signal: AbortSignal): Promise<boolean>;
  /** See `Devices.read`. */
  read(ref: JsonObject): DeviceRef | undefined;
  /** The part of a handle's ref that keeps the device. */
  write(device: D): JsonObject;
  /** The same for a device of which no more is known. */
  writeRef(device: DeviceRef): JsonObject;
  /** As stock records it. */
  internalId(name: string): string;
  missing(name: string): Problem;
  /** The name is taken: tells by what. */
  taken(name: string, found: D | undefined, refusal: ArrayRefusal): Problem;
}
