import { findText, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { findFile } from './file-tree.ts';
import { qtreesOf } from './qtree.ts';

/** What a path in the name space of an SVM leads to. */
export interface PathTarget {
  readonly volume: Entry;
  readonly type: 'directory' | 'file';
}

const isBelow = (path: string, junction: string): boolean =>
  junction === '/' ? path.startsWith('/') : path === junction || path.startsWith(`${junction}/`);

/** Finds the volume that holds a path, and whether the path is there: a junction, a qtree, a directory or a file. */
export const findPath = (path: string, svm: string, world: World): PathTarget | undefined => {
  const wanted = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  const holders = world.store
    .by('volume', 'svm', svm)
    .filter((volume) => {
      const junction = findText(volume, 'nas.path');
      return junction !== undefined && isBelow(wanted.toLowerCase(), junction.toLowerCase());
    })
    .sort((a, b) => text(b, 'nas.path').length - text(a, 'nas.path').length);
  const [volume] = holders;
  if (!volume) return undefined;
  const junction = text(volume, 'nas.path');
  const rest = wanted.slice(junction === '/' ? 1 : junction.length + 1);
  if (rest === '') return { volume, type: 'directory' };
  if (qtreesOf(volume.$id, world).some((qtree) => qtree['name'] === rest)) return { volume, type: 'directory' };
  const file = findFile(volume.$id, rest, world);
  return file && { volume, type: text(file, 'type') === 'directory' ? 'directory' : 'file' };
};
