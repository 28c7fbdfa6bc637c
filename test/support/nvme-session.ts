import { openOntapSession, textAt, type OntapSession } from './ontap-session.ts';

const MIB = 1024 ** 2;
export const SVM = { svm: { name: 'svm0' } };
export const SUBSYSTEMS = '/protocols/nvme/subsystems';
export const MAPS = '/protocols/nvme/subsystem-maps';
/** The name of a host. */
export const NQN = 'nqn.2014-08.org.nvmexpress:uuid:4c4c4544-0057-3610-8031-b4c04f574b32';

/** What maps a namespace to a subsystem, both by UUID. */
export const mapBody = (subsystem: string, namespace: string) => ({
  ...SVM,
  subsystem: { uuid: subsystem },
  namespace: { uuid: namespace },
});

/** A session with what tests of NVMe ask for again and again. What is made is of svm0, under names of its own. */
export interface NvmeSession extends OntapSession {
  /** Makes a subsystem; gives back its UUID. */
  newSubsystem(more?: Record<string, unknown>): Promise<string>;
  /** Makes a namespace of 10 MiB; gives back its UUID. */
  newNamespace(): Promise<string>;
}

export const openNvmeSession = async (): Promise<NvmeSession> => {
  const array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
    name: 'nvme',
    ...SVM,
    size: 1024 * MIB,
    aggregates: [{ name: 'aggr1_n1' }],
  });
  let count = 0;
  const made = async (collection: string, body: Record<string, unknown>): Promise<string> =>
    textAt(await array.expect(201, 'POST', `${collection}?return_records=true`, body), 'records', 0, 'uuid');
  return {
    ...array,
    newSubsystem: (more) => made(SUBSYSTEMS, { name: `ss${(count += 1)}`, os_type: 'linux', ...SVM, ...more }),
    newNamespace: () =>
      made('/storage/namespaces', {
        name: `/vol/nvme/ns${(count += 1)}`,
        os_type: 'linux',
        ...SVM,
        space: { size: 10 * MIB },
      }),
  };
};
