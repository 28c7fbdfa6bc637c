import { at, openOntapSession, textAt, type OntapSession } from './ontap-session.ts';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';

const MIB = 1024 ** 2;
export const SVM = { svm: { name: 'svm0' } };
export const GROUPS = '/application/consistency-groups';
export const WAIT = 'return_timeout=10';

export const add = (name: string) => ({ name, provisioning_options: { action: 'add' } });
export const act = (name: string, action: string) => ({ name, provisioning_options: { action } });

/** A group with two others, one of two volumes and one of one. */
export interface Nested {
  /** UUID. */
  readonly parent: string;
  readonly names: readonly [parent: string, one: string, two: string];
  /** Volumes of the first child, and of the second. */
  readonly volumes: readonly [first: string, second: string, third: string];
}

/** A session with what tests of consistency groups ask for again and again. */
export interface GroupSession {
  readonly array: OntapSession;
  /** Makes a volume of 100 MiB; gives back its name. */
  newVolume(): Promise<string>;
  volumeUuid(name: string): Promise<string>;
  /** Makes a group of volumes; gives back its UUID. */
  newGroup(volumes: readonly string[], more?: Record<string, unknown>): Promise<string>;
  newNested(): Promise<Nested>;
  /** Sends what a job does, and gives back the job at its end. */
  jobOf(method: 'POST' | 'PATCH' | 'DELETE', path: string, sent?: unknown): Promise<unknown>;
  /** The same, for what must succeed. */
  done(method: 'POST' | 'PATCH' | 'DELETE', path: string, sent?: unknown): Promise<void>;
  /** Names of the snapshots of a volume. */
  snapshotsOf(volume: string): Promise<readonly unknown[]>;
  /** A group with all its fields. */
  show(uuid: string): Promise<unknown>;
  /** UUID of the group of a name. */
  groupUuid(name: string): Promise<string>;
  /** Names of the groups in a group. */
  childrenOf(uuid: string): Promise<readonly unknown[]>;
  /** Names of the volumes of the group of a name. */
  volumesIn(name: string): Promise<readonly unknown[]>;
  /** Changes a group, which must succeed. */
  change(uuid: string, sent: unknown): Promise<void>;
  /** What is answered to a change of a group that is refused. */
  refusal(uuid: string, sent: unknown): Promise<string>;
  takeSnapshot(uuid: string, name: string): Promise<void>;
  /** Names of the snapshots of a group. */
  snapshotsOfGroup(uuid: string): Promise<readonly unknown[]>;
}

const namesOf = (records: unknown): readonly unknown[] =>
  Array.isArray(records) ? records.map((record) => at(record, 'name')) : [];

export const openGroupSession = async (options: SimulatorOptions = {}): Promise<GroupSession> => {
  const array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') }, ...options });
  let made = 0;
  const jobOf: GroupSession['jobOf'] = async (method, path, sent) => {
    const job = textAt(await array.expect(202, method, path, sent), 'job', 'uuid');
    return array.expect(200, 'GET', `/cluster/jobs/${job}`);
  };
  const done: GroupSession['done'] = async (method, path, sent) => {
    const job = await jobOf(method, path, sent);
    if (at(job, 'state') !== 'success') throw new Error(`${method} ${path}: ${JSON.stringify(job)}`);
  };
  const groupUuid = async (name: string) => textAt((await array.list(`${GROUPS}?name=${name}`))[0], 'uuid');
  const show = (uuid: string) => array.expect(200, 'GET', `${GROUPS}/${uuid}?fields=**`);
  const volumeUuid = async (name: string) => textAt((await array.list(`/storage/volumes?name=${name}`))[0], 'uuid');
  const newVolume = async () => {
    made += 1;
    const body = { name: `v${made}`, ...SVM, size: 100 * MIB, aggregates: [{ name: 'aggr1_n1' }] };
    await array.expect(201, 'POST', `/storage/volumes?${WAIT}`, body);
    return body.name;
  };
  return {
    array,
    newVolume,
    volumeUuid,
    newNested: async () => {
      const volumes = [await newVolume(), await newVolume(), await newVolume()] as const;
      made += 1;
      const names = [`app${made}`, `app${made}_data`, `app${made}_logs`] as const;
      await done('POST', GROUPS, {
        name: names[0],
        ...SVM,
        snapshot_policy: { name: 'default-1weekly' },
        consistency_groups: [
          {
            name: names[1],
            snapshot_policy: { name: 'default' },
            application: { component_type: 'data' },
            volumes: [volumes[0], volumes[1]].map(add),
          },
          { name: names[2], volumes: [add(volumes[2])] },
        ],
      });
      return { parent: await groupUuid(names[0]), names, volumes };
    },
    newGroup: async (volumes, more) => {
      made += 1;
      await done('POST', GROUPS, { name: `cg${made}`, ...SVM, volumes: volumes.map(add), ...more });
      return groupUuid(`cg${made}`);
    },
    jobOf,
    done,
    snapshotsOf: async (volume) => namesOf(await array.list(`/storage/volumes/${await volumeUuid(volume)}/snapshots`)),
    show,
    groupUuid,
    childrenOf: async (uuid) => namesOf(at(await show(uuid), 'consistency_groups')),
    volumesIn: async (name) => namesOf(at(await show(await groupUuid(name)), 'volumes')),
    change: (uuid, sent) => done('PATCH', `${GROUPS}/${uuid}`, sent),
    refusal: (uuid, sent) => array.refusal('PATCH', `${GROUPS}/${uuid}`, sent),
    takeSnapshot: (uuid, name) => done('POST', `${GROUPS}/${uuid}/snapshots`, { name }),
    snapshotsOfGroup: async (uuid) => namesOf(await array.list(`${GROUPS}/${uuid}/snapshots`)),
  };
};
