import type { DriverNotes } from '../../driver.ts';
import { Problem } from '../../../problem.ts';
import { notesOfProcess } from '../../process-notes.ts';
import type { OntapBackend } from '../backend.ts';
import { baseOf, snapshotLun } from '../lun-names.ts';
import type { LunPool } from './lun-pool.ts';
import type { LunRef } from './lun-ref.ts';

type Pool = Pick<LunPool, 'uuid'>;

/** A snapshot of a LUN in a shared FlexVol. */
export interface PooledSnapshot {
  readonly lun: Pick<LunRef, 'name'>;
  readonly pool: Pool;
  readonly name: string;
}

/**
 * Which snapshot the LUN of one is. Names of such LUNs have `_` for each `-`, in stock too, so that snapshots `a-b` and `a_b`
 * would be one LUN. A note of the backend tells which of them it is; without one it counts as that which is asked for.
 */
export class PooledSnapshotNames {
  readonly #notes: DriverNotes;

  constructor({ environment }: OntapBackend) {
    this.#notes = environment.notes ?? notesOfProcess();
  }

  /** The snapshot that the LUN of this name is known to be, and of which LUN. */
  async find(pool: Pool, name: string): Promise<{ readonly lun: string; readonly name: string } | undefined> {
    const [lun, snapshot] = (await this.#notes.get(keyOf(pool, name)))?.split('/') ?? [];
    return lun === undefined || snapshot === undefined ? undefined : { lun, name: snapshot };
  }

  /** True when the LUN is known to be that of another snapshot. */
  async isOthers({ lun, pool, name }: PooledSnapshot): Promise<boolean> {
    const inside = baseOf(lun.name);
    const known = await this.find(pool, snapshotLun(inside, name));
    return known !== undefined && (known.lun !== inside || known.name !== name);
  }

  /**
   * Takes the name for a snapshot that is about to be made.
   * @param isThere looks whether there is a LUN of that name
   * @throws Problem `snapshot.name-taken` that names the other snapshot
   */
  async take(snapshot: PooledSnapshot, isThere: () => Promise<boolean>): Promise<void> {
    const { lun, pool, name } = snapshot;
    const inside = baseOf(lun.name);
    const own = snapshotLun(inside, name);
    const known = await this.find(pool, own);
    if (known !== undefined && (await this.isOthers(snapshot)) && (await isThere()))
      throw new Problem(
        'snapshot.name-taken',
        'exists',
        `snapshot ${name} of LUN ${inside} would have the name ${own} on the array, which snapshot ${known.name} of LUN ${known.lun} has`,
        { hint: 'on the array - and _ are the same in names of snapshots; choose another name', nothingDone: true },
      );
    await this.#notes.put(keyOf(pool, own), `${inside}/${name}`);
  }

  /** The snapshot is gone. */
  release({ lun, pool, name }: PooledSnapshot): Promise<void> {
    return this.#notes.remove(keyOf(pool, snapshotLun(baseOf(lun.name), name)));
  }
}

const keyOf = (pool: Pool, name: string): string => `lun-snapshot/${pool.uuid}/${name}`;
