import { at, openOntapSession, textAt, type OntapSession } from './ontap-session.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
export const UNITS = '/storage/storage-units';
export const WAIT = 'return_timeout=10';

type More = Record<string, unknown>;
export type UnitKind = 'lun' | 'namespace';

/** What makes a unit of 100 MiB. */
export const unitBody = (name: string, more: More = {}) => ({
  name,
  os_type: 'linux',
  ...SVM,
  space: { size: 100 * MIB },
  ...more,
});

/** A session with an array of the ASA r2 personality, and what tests of its storage units ask for again and again. */
export interface UnitSession extends OntapSession {
  /** Makes a unit of 100 MiB in svm0; gives back its UUID. */
  newUnit(kind: UnitKind, name: string, more?: More): Promise<string>;
  /** A unit with all its fields. */
  unitAt(uuid: string): Promise<unknown>;
  /** Sends what a job does, and gives back the job at its end. */
  jobOf(method: 'POST' | 'PATCH' | 'DELETE', path: string, sent?: unknown): Promise<unknown>;
  /** Makes a snapshot of a unit by a job; gives back its UUID. */
  newSnapshot(unit: string, name: string): Promise<string>;
}

export const openUnitSession = async (): Promise<UnitSession> => {
  const array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    topology: { cluster: { ...defaultTopology.cluster, personality: 'asa-r2' } },
  });
  const uuidAt = async (path: string): Promise<string> => textAt((await array.list(path))[0], 'uuid');
  const jobOf: UnitSession['jobOf'] = async (method, path, sent) => {
    const job = textAt(await array.expect(202, method, path, sent), 'job', 'uuid');
    return array.expect(200, 'GET', `/cluster/jobs/${job}`);
  };
  return {
    ...array,
    newUnit: async (kind, name, more) => {
      await array.expect(201, 'POST', `/storage/${kind}s?${WAIT}`, unitBody(name, more));
      return uuidAt(`${UNITS}?name=${name}`);
    },
    unitAt: (uuid) => array.expect(200, 'GET', `${UNITS}/${uuid}?fields=**`),
    jobOf,
    newSnapshot: async (unit, name) => {
      const job = await jobOf('POST', `${UNITS}/${unit}/snapshots`, { name });
      if (at(job, 'state') !== 'success') throw new Error(`snapshot ${name} of ${unit}: ${JSON.stringify(job)}`);
      return uuidAt(`${UNITS}/${unit}/snapshots?name=${name}`);
    },
  };
};
