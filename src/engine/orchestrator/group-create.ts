import type { SnapshotOnArray, VolumeHandle } from '../drivers/objects.ts';
import type { GroupHolder, GroupSnapshots } from '../drivers/group-snapshots.ts';
import { afterWork, Problem } from '../problem.ts';
import type { Change, Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import { getGroup, groupLocks, groupSubject, memberNameOf } from './group-records.ts';
import type { GroupMember } from './group-records.ts';
import { readState } from './json-state.ts';
import type { BackendRecord, GroupSnapshotRecord, SnapshotRecord, VolumeRecord } from './model.ts';
import { snapshotId } from './model.ts';
import type { CallOptions, GroupSnapshotRequest } from './orchestrator.ts';
import { notFound, wrapProblem } from './problems.ts';
import { getBackend, handleOf, refuseDeleting, requireManaged } from './records.ts';
import type { Saga } from './saga.ts';
import { decodeMade } from './snapshot-create.ts';
import { getSource, refuseSnapshotOfView } from './snapshot-records.ts';
import { requireBackend } from './states.ts';

export interface GroupTakeState {
  readonly name: string;
  /** What each member is called. */
  readonly member: string;
  readonly members: readonly GroupMember[];
  readonly version: string;
  readonly since: string;
  /** In the order of the members. */
  readonly made?: readonly SnapshotOnArray[];
}

/** The part of a driver for group snapshots. @throws Problem `groupsnapshot.unsupported` */
const groupsOf = (
  driver: { readonly groups?: GroupSnapshots | undefined },
  { driver: type }: BackendRecord,
): GroupSnapshots => {
  if (driver.groups !== undefined) return driver.groups;
  throw new Problem(
    'groupsnapshot.unsupported',
    'unsupported',
    `group snapshots are not supported by backend type ${type}`,
    {
      nothingDone: true,
    },
  );
};

interface Share {
  readonly backend: Stored<BackendRecord>;
  readonly volumes: readonly VolumeRecord[];
}

/** The volumes of a group by the backend they are on. Volumes that are gone are left out. */
const sharesOf = async ({ store }: Core, members: readonly GroupMember[]): Promise<readonly Share[]> => {
  const shares: Share[] = [];
  for (const uuid of new Set(members.map(({ backendUUID }) => backendUUID))) {
    const names = members.filter(({ backendUUID }) => backendUUID === uuid).map(({ volume }) => volume);
    const found = await Promise.all(names.map((volume) => store.get('volume', volume)));
    shares.push({ backend: await getBackend(store, uuid), volumes: found.flatMap((volume) => volume?.value ?? []) });
  }
  return shares;
};

const handlesOf = (volumes: readonly VolumeRecord[]): readonly VolumeHandle[] => volumes.map(handleOf);

/** GRP-3: several backends may share one target; the first of them takes the snapshot for all. */
const takeAll = async (core: Core, shares: readonly Share[], member: string, signal: AbortSignal): Promise<void> => {
  const holders: GroupHolder[] = [];
  for (const { backend, volumes } of shares)
    holders.push(
      ...(await core.drivers.use(backend, (driver) =>
        groupsOf(driver, backend.value).holders(handlesOf(volumes), signal),
      )),
    );
  const [first] = shares;
  if (first !== undefined)
    await core.drivers.use(first.backend, (driver) =>
      groupsOf(driver, first.backend.value).take(holders, member, signal),
    );
};

/** GRP-4: each backend makes snapshots of its volumes out of what was taken. */
const collectAll = async (
  core: Core,
  shares: readonly Share[],
  { member, members }: GroupTakeState,
  signal: AbortSignal,
): Promise<readonly SnapshotOnArray[]> => {
  const made = new Map<string, SnapshotOnArray>();
  for (const { backend, volumes } of shares) {
    const snapshots = await core.drivers
      .use(backend, (driver) => groupsOf(driver, backend.value).collect(handlesOf(volumes), member, signal))
      .catch((error: unknown) => {
        throw afterWork(error);
      });
    for (const [index, { config }] of volumes.entries()) {
      const snapshot = snapshots[index];
      if (snapshot !== undefined) made.set(config.name, snapshot);
    }
  }
  return members.map(({ volume }) => {
    const snapshot = made.get(volume);
    if (snapshot !== undefined) return snapshot;
    throw new Problem('groupsnapshot.incomplete', 'unavailable', `no snapshot of volume ${volume} was made`);
  });
};

/** Takes back what was made on every backend, whichever of them fails. */
const discard = async (
  core: Core,
  { member, members, since }: GroupTakeState,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const remarks: string[] = [];
  const failures: unknown[] = [];
  for (const { backend, volumes } of await sharesOf(core, members))
    try {
      remarks.push(
        ...(await core.drivers.use(backend, (driver) =>
          groupsOf(driver, backend.value).discard(handlesOf(volumes), member, new Date(since), signal),
        )),
      );
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
  return remarks.length === 0 ? undefined : remarks.join('; ');
};

const recordsOf = async (core: Core, state: GroupTakeState): Promise<readonly Change[]> => {
  const { name, member, members, version, made = [] } = state;
  const snapshots: SnapshotRecord[] = [];
  for (const [index, { volume }] of members.entries()) {
    const snapshot = made[index];
    if (snapshot === undefined) continue;
    const { config } = await getSource(core, volume);
    snapshots.push({
      volume,
      name: member,
      internalName: snapshot.internalName,
      volumeInternalName: config.internalName,
      created: snapshot.created,
      size: snapshot.size,
      state: 'online',
      version,
      importNotManaged: false,
      groupSnapshotName: name,
      luksPassphraseNames: config.luksPassphraseNames,
      ref: snapshot.ref,
    });
  }
  const group: GroupSnapshotRecord = {
    name,
    version,
    volumes: members.map(({ volume }) => volume),
    snapshots: snapshots.map(snapshotId),
    created: snapshots[0]?.created ?? '',
  };
  return [
    { kind: 'groupSnapshot', put: group, revision: 'new' },
    ...snapshots.map((put): Change => ({ kind: 'snapshot', put, revision: 'new' })),
  ];
};

export const groupCreateSaga = (core: Core): Saga<GroupTakeState> => ({
  kind: 'group.create',
  subject: groupSubject,
  locks: ({ name, member, members }) => groupLocks(name, member, members),
  decode(json) {
    const state = readState(json);
    const made = json['made'] === undefined ? undefined : state.objects('made').map(decodeMade);
    return {
      name: state.text('name'),
      member: state.text('member'),
      members: decodeMembers(json),
      version: state.text('version'),
      since: state.text('since'),
      ...(made === undefined ? {} : { made }),
    };
  },
  steps: [
    {
      name: 'take',
      describe: ({ member, members }) =>
        `take snapshot ${member} of volumes ${members.map(({ volume }) => volume).join(', ')} at one instant`,
      async run(state, { signal }) {
        try {
          const shares = await sharesOf(core, state.members);
          await takeAll(core, shares, state.member, signal);
          return { made: await collectAll(core, shares, state, signal) };
        } catch (error) {
          signal.throwIfAborted();
          const text = (cause: string) => `failed to create group snapshot ${state.name}: ${cause}`;
          throw wrapProblem('groupsnapshot.create-failed', text, error);
        }
      },
      records: (state) => recordsOf(core, state),
      undo: (state, signal) => discard(core, state, signal),
    },
  ],
});

const decodeMembers = (json: Parameters<typeof readState>[0]): readonly GroupMember[] =>
  readState(json)
    .objects('members')
    .map((member) => {
      const read = readState(member);
      return { volume: read.text('volume'), backendUUID: read.text('backendUUID') };
    });

/** GRP-2 for one volume. */
const checkMember = async (core: Core, volume: string, member: string): Promise<GroupMember> => {
  const id = snapshotId({ volume, name: member });
  if ((await core.store.get('snapshot', id)) !== undefined)
    throw new Problem('snapshot.exists', 'exists', `snapshot ${id} already exists`, { nothingDone: true });
  const source = await getSource(core, volume);
  if (source.state === 'subordinate')
    throw notFound('snapshot.subordinate', `creating snapshot is not allowed on subordinate volume ${volume}`);
  refuseDeleting(source, (name) => `source volume ${name} is deleting`);
  requireManaged(source.config, 'snapshotted');
  refuseSnapshotOfView(source);
  return { volume, backendUUID: source.backendUUID };
};

/** GRP-3 */
const checkTargets = async (core: Core, members: readonly GroupMember[]): Promise<void> => {
  const targets = new Map<string, string>();
  for (const { backend, volumes } of await sharesOf(core, members)) {
    requireBackend(backend.value, 'provision');
    const target = await core.drivers.use(backend, (driver) => {
      const groups = groupsOf(driver, backend.value);
      groups.check?.(handlesOf(volumes));
      return groups.target;
    });
    targets.set(target, backend.value.name);
  }
  if (targets.size < 2) return;
  throw new Problem(
    'groupsnapshot.targets',
    'invalid',
    `the volumes are on storage that cannot take a snapshot of all of them at one instant: backends ${[...targets.values()].join(', ')}`,
    { hint: 'a group snapshot takes volumes of one SVM, and a FlexGroup or storage unit by itself', nothingDone: true },
  );
};

/** Takes snapshots of several volumes at one instant (GRP-1 to GRP-7). */
export const createGroupSnapshot = async (
  core: Core,
  saga: Saga<GroupTakeState>,
  request: GroupSnapshotRequest,
  options: CallOptions,
): Promise<GroupSnapshotRecord> => {
  const { name } = request;
  const member = memberNameOf(name);
  const volumes = [...new Set(request.volumes)].toSorted();
  if (volumes.length === 0)
    throw new Problem('groupsnapshot.no-volumes', 'invalid', 'group snapshot must have at least one source volume', {
      path: ['volumeNames'],
      nothingDone: true,
    });
  const findMembers = async (): Promise<readonly GroupMember[]> => {
    if ((await core.store.get('groupSnapshot', name)) !== undefined)
      throw new Problem('groupsnapshot.exists', 'exists', `group snapshot ${name} already exists`, {
        nothingDone: true,
      });
    const members = [];
    for (const volume of volumes) members.push(await checkMember(core, volume, member));
    return members;
  };
  const check = async (): Promise<GroupTakeState> => {
    const members = await findMembers();
    await checkTargets(core, members);
    return { name, member, members, version: request.version, since: core.now().toISOString() };
  };
  await core.runner.run(saga, groupLocks(name, member, await findMembers()), check, options);
  return getGroup(core, name, (group) => `group snapshot ${group} was not found`);
};
