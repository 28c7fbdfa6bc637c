import { text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import type { Endpoint } from './snapmirror-endpoint.ts';
import { POLICY } from './snapmirror-policy.ts';

/** What the source's cluster knows of mirrors. */

const RELATIONSHIP = 'snapmirror_relationship';

/** The source's knowledge of a mirror has a record of its own. */
export const sourceKey = (uuid: string): string => `${uuid}/source`;

/** Whether a volume is the source of a mirror. */
export const isMirrorSource = (volume: Entry, world: World): boolean =>
  world.store.by(RELATIONSHIP, '$volume', volume.$id).some((each) => text(each, '$side') === 'source');

/** Members of a relationship that both sides know. */
const SHARED = /^(?:uuid|restore|group_type|throttle|\$source|\$destination|(?:source|destination)\..+)$/;

/**
 * The source's cluster has a record of the mirror: from its beginning and, after the mirror was released there, from the
 * next transfer on. `there` is the destination's world.
 */
export const tellSource = (relationship: Entry, source: Endpoint, there: World): void => {
  const key = sourceKey(relationship.$id);
  if (source.world.store.find(RELATIONSHIP, key)) return;
  const shared = Object.fromEntries(Object.entries(relationship).filter(([path]) => SHARED.test(path)));
  const name = text(there.store.get(POLICY, text(relationship, 'policy')), 'name');
  const policy = source.world.store.by(POLICY, 'name', name)[0]?.$id;
  source.world.store.put(RELATIONSHIP, {
    ...shared,
    ...(policy === undefined ? {} : { policy }),
    $id: key,
    $side: 'source',
    $listed: relationship.$id,
    svm: source.svm.$id,
    $volume: source.volume.$id,
  });
};
