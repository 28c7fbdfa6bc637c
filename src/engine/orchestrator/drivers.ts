import type { Driver, DriverEnvironment, DriverKind } from '../drivers/driver.ts';
import type { Stored } from '../store/store.ts';
import type { BackendRecord } from './model.ts';

/** The drivers that are open in this process: one per backend, opened from its record without an array call. */
export interface OpenDrivers extends AsyncDisposable {
  /** @throws Problem `driver.unknown` (kind `invalid`), text `unknown storage driver: …` */
  kind(name: string): Promise<DriverKind>;
  environment(backendUUID: string): DriverEnvironment;
  /** Calls `action` with the driver of a backend; the driver stays open until the last action on it has ended. */
  use<T>(backend: Stored<BackendRecord>, action: (driver: Driver) => T | Promise<T>): Promise<T>;
  /** Closes the driver of a backend that is gone. */
  drop(backendUUID: string): void;
  /** Closes the drivers of all backends but these: others may have deleted theirs. */
  keep(backendUUIDs: readonly string[]): void;
}

interface Slot {
  readonly driver: Driver;
  /** Revision of the record it is known to fit. */
  revision: number;
  /** What it was opened from; the same after a change of state only. */
  readonly source: string;
  users: number;
  replaced: boolean;
}

const sourceOf = ({ driver, config, pools, facts }: BackendRecord): string =>
  JSON.stringify([driver, config, pools, facts]);

export const openDrivers = (options: {
  readonly driverKind: (name: string) => Promise<DriverKind>;
  readonly environment: (backendUUID: string) => DriverEnvironment;
}): OpenDrivers => {
  const slots = new Map<string, Slot>();
  const closing = new Set<Promise<void>>();

  const close = (slot: Slot): void => {
    const closed = Promise.resolve(slot.driver[Symbol.asyncDispose]())
      // A connection that cannot be closed properly is of no further use to anybody.
      .catch(() => undefined)
      .finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const replace = (uuid: string): void => {
    const slot = slots.get(uuid);
    if (slot === undefined) return;
    slots.delete(uuid);
    slot.replaced = true;
    if (slot.users === 0) close(slot);
  };

  /** The driver of a backend whose record has not changed since. */
  const findOpen = (backend: Stored<BackendRecord>): Slot | undefined => {
    const open = slots.get(backend.value.uuid);
    return open?.revision === backend.revision ? open : undefined;
  };

  const slotFor = (backend: Stored<BackendRecord>, driverKind: DriverKind): Slot => {
    const { uuid, config, pools, facts } = backend.value;
    const open = slots.get(uuid);
    const source = sourceOf(backend.value);
    if (open?.source === source) {
      open.revision = backend.revision;
      return open;
    }
    replace(uuid);
    const driver = driverKind.open(config, { pools, facts }, options.environment(uuid));
    const slot: Slot = { driver, revision: backend.revision, source, users: 0, replaced: false };
    slots.set(uuid, slot);
    return slot;
  };

  return {
    kind: options.driverKind,
    environment: options.environment,
    async use(backend, action) {
      const slot = findOpen(backend) ?? slotFor(backend, await options.driverKind(backend.value.driver));
      slot.users++;
      try {
        return await action(slot.driver);
      } finally {
        slot.users--;
        if (slot.replaced && slot.users === 0) close(slot);
      }
    },
    drop: replace,
    keep(backendUUIDs) {
      const kept = new Set(backendUUIDs);
      for (const uuid of slots.keys()) if (!kept.has(uuid)) replace(uuid);
    },
    async [Symbol.asyncDispose]() {
      for (const uuid of slots.keys()) replace(uuid);
      await Promise.all(closing);
    },
  };
};
