import { openOntapSession, textAt, uuidOfNew, type OntapSession } from './ontap-session.ts';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
export const SUBSYSTEMS = '/protocols/nvme/subsystems';
export const SUBSYSTEM_MAPS = '/protocols/nvme/subsystem-maps';

/** What was made, as others refer to it. */
export interface Named {
  readonly name: string;
  readonly uuid: string;
}

type More = Record<string, unknown>;

/** What makes a LUN or a namespace of 100 MiB at a path. */
export const unitOf = (path: string, more: More = {}) => ({
  name: path,
  os_type: 'linux',
  ...SVM,
  space: { size: 100 * MIB },
  ...more,
});

/** What maps a namespace to a subsystem, both by UUID. */
export const subsystemMap = (subsystem: string, namespace: string) => ({
  ...SVM,
  subsystem: { uuid: subsystem },
  namespace: { uuid: namespace },
});

/** A session with what tests of LUNs and namespaces in volumes ask for again and again. What is made is of svm0. */
export interface SanSession extends OntapSession {
  /** Makes a thin volume of 1 GiB without a snapshot policy, under a name of its own unless one is given. */
  newVolume(more?: More): Promise<Named>;
  /** Makes a snapshot of a volume; gives back its UUID. */
  snapshotOf(volume: Named, name: string): Promise<string>;
  /** Makes a LUN of 100 MiB at a path; gives back its UUID. */
  newLun(path: string, more?: More): Promise<string>;
  /** A LUN with all its fields, or with those that are named. */
  lunAt(uuid: string, fields?: string): Promise<unknown>;
  /** Makes an igroup; gives back its UUID. */
  newIgroup(name: string, more?: More): Promise<string>;
  /** Makes a namespace of 100 MiB at a path; gives back its UUID. */
  newNamespace(path: string, more?: More): Promise<string>;
  /** Makes a subsystem under a name of its own; gives back its UUID. */
  newSubsystem(more?: More): Promise<string>;
}

export const openSanSession = async (options: SimulatorOptions = {}): Promise<SanSession> => {
  const array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') }, ...options });
  let volumes = 0;
  let subsystems = 0;
  const uuidAt = async (path: string): Promise<string> => textAt((await array.list(path))[0], 'uuid');
  return {
    ...array,
    newVolume: async (more) => {
      volumes += 1;
      const body = {
        name: `v${volumes}`,
        ...SVM,
        size: 1024 * MIB,
        aggregates: [{ name: 'aggr1_n1' }],
        guarantee: { type: 'none' },
        snapshot_policy: { name: 'none' },
        ...more,
      };
      await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', body);
      const name = textAt(body, 'name');
      return { name, uuid: await uuidAt(`/storage/volumes?name=${name}`) };
    },
    snapshotOf: async ({ uuid }, name) => {
      const collection = `/storage/volumes/${uuid}/snapshots`;
      await array.expect(201, 'POST', `${collection}?return_timeout=10`, { name, ...SVM });
      return uuidAt(`${collection}?name=${name}`);
    },
    newLun: (name, more) => uuidOfNew(array, '/storage/luns', unitOf(name, more)),
    lunAt: (uuid, fields = '**') => array.expect(200, 'GET', `/storage/luns/${uuid}?fields=${fields}`),
    newIgroup: (name, more) =>
      uuidOfNew(array, '/protocols/san/igroups', { name, protocol: 'iscsi', os_type: 'linux', ...SVM, ...more }),
    newNamespace: (name, more) => uuidOfNew(array, '/storage/namespaces', unitOf(name, more)),
    newSubsystem: (more) => {
      subsystems += 1;
      return uuidOfNew(array, SUBSYSTEMS, { name: `ss${subsystems}`, os_type: 'linux', ...SVM, ...more });
    },
  };
};
