import type { GroupSnapshotExternal, SnapshotExternal } from '../../client/wire/snapshot.ts';
import { humanBytes } from '../format-size.ts';
import type { View } from '../output.ts';

export const withBlankSnapshotState = (snapshot: SnapshotExternal): SnapshotExternal =>
  snapshot.state === 'online' ? { ...snapshot, state: '' } : snapshot;

export const snapshotView: View<SnapshotExternal> = {
  id: (snapshot) => `${snapshot.Config.volumeName ?? ''}/${snapshot.Config.name ?? ''}`,
  columns: [
    { title: 'Name', cell: (snapshot) => snapshot.Config.name ?? '' },
    { title: 'Volume', cell: (snapshot) => snapshot.Config.volumeName ?? '' },
    { title: 'Created', only: 'wide', cell: (snapshot) => snapshot.dateCreated },
    { title: 'Size', only: 'wide', cell: (snapshot) => humanBytes(BigInt.asUintN(64, BigInt(snapshot.size))) },
    { title: 'State', only: 'wide', isState: true, cell: (snapshot) => snapshot.state },
    { title: 'Managed', cell: (snapshot) => String(!snapshot.Config.importNotManaged) },
    { title: 'GroupSnapshot', only: 'wide', cell: (snapshot) => snapshot.Config.groupSnapshotName ?? '' },
  ],
};

const membersOf = (group: GroupSnapshotExternal, most: number): string => {
  const ids = group.snapshotIDs ?? [];
  if (most === 0 || ids.length <= most) return ids.join('\n');
  return [...ids.slice(0, most), `... (+${ids.length - most} more)`].join('\n');
};

/** @param most how many members the wide table names for each group; 0 for all */
export const groupSnapshotView = (most: number): View<GroupSnapshotExternal> => ({
  id: (group) => group.name ?? '',
  columns: [
    { title: 'Name', cell: (group) => group.name ?? '' },
    { title: 'Created', only: 'wide', cell: (group) => group.dateCreated },
    { title: 'Snapshots', only: 'wide', cell: (group) => membersOf(group, most) },
    { title: 'Snapshot Count', only: 'wide', cell: (group) => String(group.snapshotIDs?.length ?? 0) },
  ],
});
