import { afterWork, Problem } from '../../../problem.ts';
import type { SnapshotHandle, SnapshotOnArray, VolumeHandle } from '../../objects.ts';
import type { GroupHolder } from '../../group-snapshots.ts';
import { isDuplicate } from '../client/codes.ts';
import { baseOf, pathOf, snapshotIn, snapshotLun } from '../lun-names.ts';
import type { Snapshots } from '../parts.ts';
import { deviceBytes, overheadOf, recordedSize } from '../san-sizing.ts';
import type { LunPool, PooledLun } from './lun-pool.ts';
import { lunRef } from './lun-ref.ts';
import type { LunRef } from './lun-ref.ts';
import type { PooledParts } from './pooled-parts.ts';
import { PooledSnapshotNames } from './pooled-snapshot-names.ts';
import { untilSeen } from './until-seen.ts';
import { volumeRef } from './volumes.ts';

interface Place {
  readonly lun: LunRef;
  readonly pool: LunPool;
}

/**
 * Snapshots of a LUN in a shared FlexVol: a snapshot of the FlexVol would hold its neighbours too, so that each is a clone
 * of the LUN, beside it.
 */
export class PooledLunSnapshots implements Snapshots {
  readonly #parts: PooledParts;
  readonly #names: PooledSnapshotNames;

  constructor(parts: PooledParts) {
    this.#parts = parts;
    this.#names = new PooledSnapshotNames(parts.backend);
  }

  async create(volume: VolumeHandle, name: string, signal: AbortSignal): Promise<SnapshotOnArray> {
    const place = await this.#place(volume, signal);
    return this.#clone(volume, name, place, place.lun.name, signal);
  }

  /** The same out of a snapshot of the FlexVol: the LUN as it was then. */
  async createFrom(
    volume: VolumeHandle,
    name: string,
    flexVolSnapshot: string,
    signal: AbortSignal,
  ): Promise<SnapshotOnArray> {
    const place = await this.#place(volume, signal);
    const { lun, pool } = place;
    const inside = baseOf(lun.name);
    if ((await this.#find({ lun, pool, name }, signal)) !== undefined)
      throw new Problem(
        'snapshot.exists-on-array',
        'exists',
        `there is a snapshot ${name} of LUN ${volume.config.internalName} on the array already`,
        { nothingDone: true },
      );
    return this.#clone(volume, name, place, `/vol/${pool.name}/.snapshot/${flexVolSnapshot}/${inside}`, signal);
  }

  /** The FlexVol that a LUN is in. */
  async holderOf(volume: VolumeHandle, signal: AbortSignal): Promise<GroupHolder | undefined> {
    const place = await this.#findPlace(volume, signal);
    return place === undefined ? undefined : { uuid: place.pool.uuid, name: place.pool.name };
  }

  async #clone(
    volume: VolumeHandle,
    name: string,
    { lun, pool }: Place,
    source: string,
    signal: AbortSignal,
  ): Promise<SnapshotOnArray> {
    const { backend, luns, pools, sizes } = this.#parts;
    const own = snapshotLun(baseOf(lun.name), name);
    const bytes = pool.luns.get(baseOf(lun.name))?.bytes ?? volume.config.size;
    pools.checkPoolLimit(pool, bytes);
    await this.#names.take({ lun, pool, name }, async () => (await this.#look(pool, own, signal)) !== undefined);
    const draft = { name: pathOf(pool.name, own), source, qosPolicy: '' };
    const outcome = await luns.clone(draft, backend.environment.now(), signal);
    if (outcome.kind !== 'ok' && !(outcome.kind === 'refused' && isDuplicate(outcome.refusal)))
      throw backend.problem(outcome, `creating snapshot ${name} of LUN ${lun.name}`);
    try {
      const made = outcome.kind === 'ok' ? outcome.value : undefined;
      if (made !== undefined)
        pool.add(
          { uuid: made.uuid, name: own, bytes: made.space?.size ?? bytes, created: made.create_time ?? '' },
          backend.environment.now(),
        );
      await sizes.fit(pool, own, signal);
      const known = pool.luns.get(own);
      const found =
        known !== undefined && known.created !== ''
          ? known
          : await untilSeen(backend, (inner) => this.#look(pool, own, inner), signal);
      if (found === undefined) throw this.#missing(volume, name);
      return toSnapshot(found, name);
    } catch (error) {
      throw afterWork(error);
    }
  }

  async find(volume: VolumeHandle, internalName: string, signal: AbortSignal): Promise<SnapshotOnArray | undefined> {
    const place = await this.#place(volume, signal);
    const found = await this.#find({ ...place, name: internalName }, signal);
    return found === undefined ? undefined : toSnapshot(found, internalName);
  }

  async list(volume: VolumeHandle, signal: AbortSignal): Promise<readonly SnapshotOnArray[]> {
    const { lun, pool } = await this.#place(volume, signal);
    const base = baseOf(lun.name).replaceAll('-', '_');
    const inside = await this.#parts.luns.listIn(pool.name, 'space.size,create_time', signal);
    const snapshots: SnapshotOnArray[] = [];
    for (const { uuid, name: path, space, create_time: created = '' } of inside) {
      const name = baseOf(path);
      const spelt = snapshotIn(base, name);
      const known = spelt === undefined ? undefined : await this.#names.find(pool, name);
      if (spelt === undefined || (known !== undefined && known.lun !== baseOf(lun.name))) continue;
      snapshots.push(toSnapshot({ uuid, name, bytes: space?.size ?? 0, created }, known?.name ?? spelt));
    }
    return snapshots;
  }

  async remove(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<void> {
    const { removal, sizes } = this.#parts;
    const place = await this.#findPlace(volume, signal);
    // With the volume, its snapshots are gone.
    if (place === undefined) return;
    const { lun, pool } = place;
    const named = { lun, pool, name: snapshot.internalName };
    const uuid = uuidOf(snapshot) ?? (await this.#find(named, signal))?.uuid;
    if (uuid === undefined) return;
    const own = snapshotLun(baseOf(lun.name), snapshot.internalName);
    await removal.removeLun({ uuid, name: pathOf(pool.name, own) }, signal);
    pool.drop(own);
    if (!(await this.#names.isOthers(named))) await this.#names.release(named);
    try {
      await sizes.fit(pool, undefined, signal);
    } catch (error) {
      throw afterWork(error);
    }
  }

  /**
   * The LUN gets the data of the snapshot, and keeps its identity and its maps. It gets the size of the snapshot too, and then its
   * own again where that is larger.
   */
  async restore(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<number> {
    const { backend, luns, sizes } = this.#parts;
    const { config } = volume;
    const { lun, pool } = await this.#place(volume, signal);
    const own = snapshotLun(baseOf(lun.name), snapshot.internalName);
    const known = pool.luns.get(own);
    const found = known ?? (await this.#look(pool, own, signal));
    const uuid = uuidOf(snapshot) ?? found?.uuid;
    if (uuid === undefined || found === undefined) throw this.#missing(volume, snapshot.internalName);
    const change = {
      fields: 'space.size',
      // Nothing on the LUN shows it; doing it once more changes nothing.
      done: () => false,
      what: `restoring LUN ${lun.name} to snapshot ${snapshot.internalName}`,
    };
    if (!(await luns.patch(lun, { clone: { source: { uuid } } }, change, signal)))
      throw this.#missing(volume, snapshot.internalName);
    try {
      const bytes = deviceBytes(config.size, config);
      if (found.bytes < bytes) await luns.grow(lun, bytes, signal);
      if (found.bytes <= bytes) return config.size;
      const name = baseOf(lun.name);
      pool.add({ uuid: lun.uuid, name, bytes: found.bytes, created: '' }, backend.environment.now());
      await sizes.fit(pool, name, signal);
      return recordedSize(found.bytes - overheadOf(config), config);
    } catch (error) {
      throw afterWork(error);
    }
  }

  /** What is on the array under its name, unless that is another snapshot's. */
  async #find(snapshot: Place & { readonly name: string }, signal: AbortSignal): Promise<PooledLun | undefined> {
    if (await this.#names.isOthers(snapshot)) return undefined;
    return this.#look(snapshot.pool, snapshotLun(baseOf(snapshot.lun.name), snapshot.name), signal);
  }

  async #look(pool: LunPool, name: string, signal: AbortSignal): Promise<PooledLun | undefined> {
    const found = await this.#parts.luns.find(pathOf(pool.name, name), 'space.size,create_time', signal);
    if (found === undefined) return undefined;
    return { uuid: found.uuid, name, bytes: found.space?.size ?? 0, created: found.create_time ?? '' };
  }

  async #place(volume: VolumeHandle, signal: AbortSignal): Promise<Place> {
    const place = await this.#findPlace(volume, signal);
    if (place === undefined) throw this.#parts.luns.missing(volume.config.internalName);
    return place;
  }

  async #findPlace(volume: VolumeHandle, signal: AbortSignal): Promise<Place | undefined> {
    const known = lunRef(volume.ref);
    const around = volumeRef(volume.ref)?.uuid;
    const found =
      known === undefined || around === undefined ? await this.#parts.lookup.find(volume, signal) : undefined;
    const lun =
      known ?? (found === undefined ? undefined : { uuid: found.uuid, name: found.name, serial: found.serial_number });
    const pool = await this.#parts.pools.find(around ?? found?.location?.volume?.uuid ?? '', signal);
    return lun === undefined || pool === undefined ? undefined : { lun, pool };
  }

  #missing(volume: VolumeHandle, name: string): Problem {
    return new Problem(
      'snapshot.not-on-array',
      'notFound',
      `there is no snapshot ${name} of LUN ${volume.config.internalName} on the array`,
    );
  }
}

const uuidOf = ({ ref }: SnapshotHandle): string | undefined =>
  typeof ref['uuid'] === 'string' ? ref['uuid'] : undefined;

const toSnapshot = ({ uuid, bytes, created }: PooledLun, internalName: string): SnapshotOnArray => {
  const instant = Date.parse(created);
  return {
    internalName,
    // RFC 3339 in UTC without fractions.
    created: Number.isNaN(instant) ? created : new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z'),
    size: bytes,
    ref: { uuid },
  };
};
