import type { Context, Resource } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { noEntry, Refusal } from '../core/refusal.ts';
import { parseBoolean } from '../core/scalars.ts';
import { readOnly } from './common.ts';
import { FILE, filesBelow, isDirectory, isOccupied, listPath, parentOf, plainPath, SNAPSHOTS } from './file-tree.ts';

const TYPES = ['file', 'directory', 'blockdev', 'chardev', 'symlink', 'socket', 'fifo', 'stream', 'lun'];

const checkPlace = (volume: Entry, path: string, { world }: Context) => {
  if (text(volume, 'state') !== 'online' || text(volume, 'type') !== 'rw')
    throw new Refusal(400, 9437885, `The volume "${text(volume, 'name')}" cannot be written to.`, 'path');
  if (path === SNAPSHOTS || path.startsWith(`${SNAPSHOTS}/`))
    throw new Refusal(400, 262185, 'Snapshots cannot be written to.', 'path');
  if (isOccupied(volume.$id, path, world)) throw new Refusal(409, 1, `"${path}" exists already.`, 'path');
  if (!isDirectory(volume.$id, parentOf(path), world)) throw noEntry('path');
};

/** `/storage/volumes/{volume.uuid}/files/{path}`: what is in a volume; data itself is not kept. */
export const file: Resource = {
  kind: FILE,
  path: '/storage/volumes/{volume.uuid}/files',
  keys: ['path'],
  order: ['volume', 'path'],
  personalities: ['unified', 'afx'],
  fields: {
    path: { kind: 'string', key: true, required: true },
    name: readOnly('string', { key: true }),
    type: { kind: 'enum', write: 'create', values: TYPES, default: 'file' },
    size: { kind: 'size', minimum: 0 },
    // Digits are the octal mode.
    unix_permissions: { kind: 'integer', minimum: 0, maximum: 7777 },
    owner_id: { kind: 'integer', minimum: 0, default: 0 },
    group_id: { kind: 'integer', minimum: 0, default: 0 },
    target: { kind: 'string', write: 'create' },
    inode_number: readOnly('integer'),
    bytes_used: readOnly('size'),
    hard_links_count: readOnly('integer'),
    is_empty: readOnly('boolean', {
      expensive: true,
      compute: (entry, world) =>
        text(entry, 'type') === 'directory'
          ? filesBelow(text(entry, 'volume'), text(entry, '$path'), world).length === 0
          : undefined,
    }),
    is_junction: readOnly('boolean'),
    is_snapshot: readOnly('boolean'),
    accessed_time: readOnly('time'),
    modified_time: readOnly('time'),
    changed_time: readOnly('time'),
    creation_time: readOnly('time'),
    volume: { kind: 'ref', to: 'volume', write: 'never', secret: true },
  },
  indexes: ['volume'],
  unique: [{ fields: ['volume', 'path'], refusal: () => new Refusal(409, 1, 'The path exists already.', 'path') }],
  noParent: (given) => new Refusal(404, 918235, `A volume with UUID "${given}" was not found.`, 'volume.uuid'),
  links: (entry) => {
    const path = text(entry, '$path') || text(entry, 'path');
    return { self: `/api/storage/volumes/${text(entry, 'volume')}/files/${encodeURIComponent(path)}` };
  },
  tree: {
    list: ({ volume }, path, world) => {
      if (volume === undefined) throw new Refusal(400, 262185, 'Files are listed for one volume.', 'volume.uuid');
      return listPath(volume, path, world);
    },
  },
  data: {
    at: 'byte_offset',
    size: 'length',
    grows: true,
    length: (entry) => integer(entry, 'size'),
    written: (entry, end, world) => {
      if (text(entry, 'type') !== 'file')
        throw new Refusal(400, 262185, `"${text(entry, 'path')}" is not a file.`, 'path');
      const size = Math.max(end, integer(entry, 'size'));
      const now = world.clock.text();
      return { size, bytes_used: size, modified_time: now, changed_time: now };
    },
  },
  parameters: { get: ['return_metadata'], remove: ['recurse'] },
  inside: [
    {
      kind: 'volume',
      field: 'volume',
      copied: (copy) => copy,
    },
  ],
  create: {
    asynchronous: false,
    prepare: (draft, context) => {
      const { world } = context;
      const volume = world.store.get('volume', text(draft, 'volume'));
      const path = plainPath(text(draft, 'path'));
      checkPlace(volume, path, context);
      const now = world.clock.text();
      const size = text(draft, 'type') === 'directory' ? 4096 : integer(draft, 'size');
      return {
        unix_permissions: text(draft, 'type') === 'directory' ? 755 : 644,
        ...draft,
        path,
        size,
        bytes_used: size,
        inode_number: world.random.between('inode', 100, 2 ** 31),
        accessed_time: now,
        modified_time: now,
        changed_time: now,
        creation_time: now,
      };
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, context) => {
      const { world } = context;
      const now = world.clock.text();
      const path = changes['path'];
      if (typeof path !== 'string') return { ...changes, ...sized(changes['size']), changed_time: now };
      const wanted = plainPath(path);
      if (wanted === text(before, 'path')) return { changed_time: now };
      checkPlace(world.store.get('volume', text(before, 'volume')), wanted, context);
      if (wanted.startsWith(`${text(before, 'path')}/`))
        throw new Refusal(400, 262185, 'A directory cannot be moved into itself.', 'path');
      return { ...changes, ...sized(changes['size']), path: wanted, changed_time: now };
    },
    effects: (after, before, { world }) => {
      if (after['path'] === before['path']) return;
      for (const below of filesBelow(text(before, 'volume'), text(before, 'path'), world)) {
        const path = text(after, 'path') + text(below, 'path').slice(text(before, 'path').length);
        world.store.change(FILE, below.$id, { path });
      }
    },
  },
  remove: {
    asynchronous: true,
    check: (entry, { world, parameters }) => {
      const recurse = parseBoolean(parameters['recurse'] ?? 'false') === true;
      if (!recurse && filesBelow(text(entry, 'volume'), text(entry, 'path'), world).length > 0)
        throw new Refusal(409, 8, `The directory "${text(entry, 'path')}" is not empty. Specify "recurse".`);
    },
    effects: (entry, { world }) => {
      for (const below of filesBelow(text(entry, 'volume'), text(entry, 'path'), world))
        world.store.remove(FILE, below.$id);
    },
  },
};

const sized = (size: unknown) => (typeof size === 'number' ? { bytes_used: size } : {});
