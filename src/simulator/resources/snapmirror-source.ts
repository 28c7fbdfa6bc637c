import { text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** Whether a volume is the source of a mirror. */
export const isMirrorSource = (volume: Entry, world: World): boolean =>
  world.store.by('snapmirror_relationship', '$volume', volume.$id).some((each) => text(each, '$side') === 'source');
