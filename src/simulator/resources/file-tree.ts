import { freezeContents, readFrozen } from '../core/contents.ts';
import { flag, text, type Entry } from '../core/entry.ts';
import { noEntry } from '../core/refusal.ts';
import type { World } from '../core/world.ts';

export const FILE = 'file';
export const SNAPSHOTS = '.snapshot';

/** Where a path ends, `''` at the root of the volume. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `.`, `./a/`, `/a` and `a` in one form. */
export const plainPath = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

/** A file or directory that a client made. */
export const findFile = (volume: string, path: string, world: World): Entry | undefined =>
  world.store.by(FILE, 'volume', volume).find((file) => file['path'] === path);

interface Node {
  readonly path: string;
  readonly type: string;
  readonly entry: Entry | undefined;
}

/** Everything in a volume, or in a snapshot of it, that has a path. */
const nodesIn = (records: readonly { readonly kind: string; readonly entry: Entry }[]): readonly Node[] => {
  const qtrees = new Map(
    records.filter(({ kind }) => kind === 'qtree').map(({ entry }) => [entry.$id, text(entry, 'name')]),
  );
  return records.flatMap(({ kind, entry }): Node[] => {
    switch (kind) {
      case 'qtree':
        return text(entry, 'name') === '' ? [] : [{ path: text(entry, 'name'), type: 'directory', entry }];
      case FILE:
        return [{ path: text(entry, 'path'), type: text(entry, 'type'), entry }];
      case 'lun':
      case 'namespace': {
        const tree = qtrees.get(text(entry, 'location.qtree'));
        return [{ path: `${tree === undefined ? '' : `${tree}/`}${baseOf(text(entry, 'name'))}`, type: 'lun', entry }];
      }
      default:
        return [];
    }
  });
};

const liveNodes = (volume: string, world: World) => nodesIn(readFrozen(freezeContents('volume', volume, world)));

const show = (volume: Entry, prefix: string, node: Node): Entry => {
  const own = node.entry ?? { $id: '' };
  const size =
    typeof own['size'] === 'number' ? own['size'] : typeof own['space.size'] === 'number' ? own['space.size'] : 4096;
  return {
    unix_permissions: volume['nas.unix_permissions'],
    owner_id: 0,
    group_id: 0,
    hard_links_count: node.type === 'directory' ? 2 : 1,
    ...(node.entry?.['volume'] === undefined ? {} : own),
    $id: `${volume.$id}/${prefix}${node.path}`,
    volume: volume.$id,
    path: parentOf(`${prefix}${node.path}`),
    $path: `${prefix}${node.path}`,
    name: baseOf(node.path),
    type: node.type,
    size,
    bytes_used: size,
    is_junction: false,
    is_snapshot: prefix !== '',
  };
};

/** A directory under another name than its own: `.` and `..`, and the one of the snapshots. */
const directory = (volume: Entry, listed: string, path: string, name: string): Entry => ({
  ...show(volume, '', { path, type: 'directory', entry: undefined }),
  $id: `${volume.$id}/${listed}/${name}`,
  path: listed,
  name,
});

/** What is in a directory of a volume: `.`, `..`, `.snapshot` at the root, and what lies there. */
export const listPath = (volumeId: string, given: string, world: World): readonly Entry[] => {
  const volume = world.store.get('volume', volumeId);
  const path = plainPath(given);
  const [first = '', name, ...rest] = path.split('/');
  if (first === SNAPSHOTS) {
    if (!flag(volume, 'snapshot_directory_access_enabled')) throw noEntry('path');
    const snapshots = world.store.by('snapshot', 'volume', volumeId);
    if (name === undefined)
      return snapshots.map((each) => ({
        ...show(volume, '', { path: `${SNAPSHOTS}/${text(each, 'name')}`, type: 'directory', entry: undefined }),
        is_snapshot: true,
      }));
    const snapshot = snapshots.find((each) => each['name'] === name);
    if (!snapshot) throw noEntry('path');
    return listNodes(volume, nodesIn(readFrozen(snapshot['$contents'])), rest.join('/'), `${SNAPSHOTS}/${name}/`);
  }
  const listed = listNodes(volume, liveNodes(volumeId, world), path, '');
  const hidden =
    path === '' && flag(volume, 'snapshot_directory_access_enabled')
      ? [directory(volume, '', SNAPSHOTS, SNAPSHOTS)]
      : [];
  return isDirectory(volumeId, path, world)
    ? [directory(volume, path, path, '.'), directory(volume, path, parentOf(path), '..'), ...hidden, ...listed]
    : listed;
};

const listNodes = (volume: Entry, nodes: readonly Node[], path: string, prefix: string): readonly Entry[] => {
  const self = nodes.find((node) => node.path === path);
  if (path !== '' && !self) throw noEntry('path');
  const shown =
    self && self.type !== 'directory'
      ? [self]
      : nodes.filter((node) => parentOf(node.path) === path && node.path !== '');
  return shown.map((node) => show(volume, prefix, node));
};

export const isDirectory = (volume: string, path: string, world: World): boolean =>
  path === '' || liveNodes(volume, world).some((node) => node.path === path && node.type === 'directory');

/** Whether a name is taken by something that is no file of its own: a qtree, a LUN, the snapshots. */
export const isOccupied = (volume: string, path: string, world: World): boolean =>
  path === '' || path === SNAPSHOTS || liveNodes(volume, world).some((node) => node.path === path);

/** Files and directories below a directory. */
export const filesBelow = (volume: string, path: string, world: World): readonly Entry[] =>
  world.store.by(FILE, 'volume', volume).filter((file) => text(file, 'path').startsWith(`${path}/`));
