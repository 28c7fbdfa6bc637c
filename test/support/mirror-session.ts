import { openOntapSession, textAt, type OntapSession } from './ontap-session.ts';

const MIB = 1024 ** 2;
export const RELATIONSHIPS = '/snapmirror/relationships';
/** How long each transfer takes on the array of a session. */
export const TRANSFER_MS = 10_000;

type More = Record<string, unknown>;

/** A volume of svm0, its destination in svm_dr, and the relationship between them, by their UUIDs. */
export interface Mirror {
  readonly source: string;
  readonly destination: string;
  readonly uuid: string;
}

/** A session with what tests of SnapMirror ask for again and again. */
export interface MirrorSession extends OntapSession {
  /** Makes a thin volume of 200 MiB without a snapshot policy; gives back its UUID. */
  newVolume(name: string, svm: string, more?: More): Promise<string>;
  /** Makes a volume, its empty destination (`NAME_dr`), and the relationship between them. */
  newMirror(name: string, more?: More): Promise<Mirror>;
  /** Begins a transfer, and lets it end. */
  transfer(relationship: string): Promise<void>;
  showMirror(relationship: string): Promise<unknown>;
  stateOf(relationship: string): Promise<string>;
  /** Changes a relationship; gives back the job that did it. */
  patchMirror(relationship: string, body: unknown): Promise<unknown>;
  /** The job that an answer names. */
  jobOf(answer: unknown): Promise<unknown>;
  /** Names of the snapshots of a volume. */
  snapshotsOf(volume: string): Promise<readonly string[]>;
}

export const openMirrorSession = async (): Promise<MirrorSession> => {
  const array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    pace: { transferMs: TRANSFER_MS },
  });
  const uuidAt = async (path: string): Promise<string> => textAt((await array.list(path))[0], 'uuid');
  const newVolume: MirrorSession['newVolume'] = async (name, svm, more) => {
    await array.expect(202, 'POST', '/storage/volumes', {
      name,
      svm: { name: svm },
      size: 200 * MIB,
      aggregates: [{ name: 'aggr1_n1' }],
      'guarantee.type': 'none',
      snapshot_policy: { name: 'none' },
      ...more,
    });
    return uuidAt(`/storage/volumes?name=${name}&svm.name=${svm}`);
  };
  const showMirror: MirrorSession['showMirror'] = (uuid) => array.expect(200, 'GET', `${RELATIONSHIPS}/${uuid}`);
  const jobOf: MirrorSession['jobOf'] = (answer) =>
    array.expect(200, 'GET', `/cluster/jobs/${textAt(answer, 'job', 'uuid')}`);
  return {
    ...array,
    newVolume,
    newMirror: async (name, more) => {
      const source = await newVolume(name, 'svm0');
      const destination = await newVolume(`${name}_dr`, 'svm_dr', { type: 'DP' });
      const paths = { source: { path: `svm0:${name}` }, destination: { path: `svm_dr:${name}_dr` } };
      await array.expect(202, 'POST', RELATIONSHIPS, { ...paths, policy: { name: 'MirrorAllSnapshots' }, ...more });
      return { source, destination, uuid: await uuidAt(`${RELATIONSHIPS}?destination.path=svm_dr:${name}_dr`) };
    },
    transfer: async (uuid) => {
      await array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
      array.simulator.clock.advance(TRANSFER_MS);
    },
    showMirror,
    stateOf: async (uuid) => textAt(await showMirror(uuid), 'state'),
    patchMirror: async (uuid, body) => jobOf(await array.expect(202, 'PATCH', `${RELATIONSHIPS}/${uuid}`, body)),
    jobOf,
    snapshotsOf: async (volume) =>
      (await array.list(`/storage/volumes/${volume}/snapshots`)).map((each) => textAt(each, 'name')),
  };
};
