import type { SimulatorOptions } from '../../src/simulator/contract.ts';
import { at, openOntapSession, textAt, type OntapSession } from './ontap-session.ts';

/** Waits for short jobs in the answer. */
export const WAIT = 'return_timeout=15';

/** A small thin volume of `svm0`, without its name. */
export const base = {
  size: 1024 ** 3,
  svm: { name: 'svm0' },
  aggregates: [{ name: 'aggr1_n1' }],
  guarantee: { type: 'none' },
};

/** The body that makes a clone of a volume. */
export const clone = (name: string, parent: string, more: Record<string, unknown> = {}) => ({
  name,
  svm: { name: 'svm0' },
  clone: { is_flexclone: true, parent_volume: { name: parent }, ...more },
});

/** A session with what tests of volumes ask for. */
export interface VolumeSession {
  readonly array: OntapSession;
  /** Makes a volume, or a snapshot of one; answers its UUID. */
  create(name: string, more?: Record<string, unknown>): Promise<string>;
  snapshot(volume: string, name: string): Promise<string>;
  refusal: OntapSession['refusal'];
  get(uuid: string, fields: string): Promise<unknown>;
  /** Bytes that are left in an aggregate; the first one of the first node when absent. */
  free(aggregate?: string): Promise<number>;
  /** Holds the array to its invariants, and ends it. */
  close(): Promise<void>;
}

export const openVolumeSession = async (options: SimulatorOptions): Promise<VolumeSession> => {
  const array = await openOntapSession(options);
  const made = async (path: string, body: unknown): Promise<string> =>
    textAt(await array.expect(201, 'POST', `${path}?${WAIT}&return_records=true`, body), 'records', 0, 'uuid');
  return {
    array,
    create: (name, more = {}) => made('/storage/volumes', { ...base, name, ...more }),
    snapshot: (volume, name) => made(`/storage/volumes/${volume}/snapshots`, { name }),
    refusal: (method, path, body) => array.refusal(method, `${path}${path.includes('?') ? '&' : '?'}${WAIT}`, body),
    get: (uuid, fields) => array.expect(200, 'GET', `/storage/volumes/${uuid}?fields=${fields}`),
    free: async (aggregate = 'aggr1_n1') => {
      const [found] = await array.list(`/storage/aggregates?name=${aggregate}&fields=space.block_storage.available`);
      return Number(at(found, 'space', 'block_storage', 'available'));
    },
    close: async () => {
      array.simulator.world.verify();
      await array.close();
    },
  };
};
