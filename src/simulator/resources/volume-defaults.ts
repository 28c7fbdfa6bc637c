import type { StoredObject } from '../core/entry.ts';
import type { World } from '../core/world.ts';

const FIRST_MSID = 2_157_000_000;

/** What every new volume has and no request says. */
export const newVolumeValues = (world: World): StoredObject => ({
  state: 'online',
  create_time: world.clock.text(),
  comment: '',
  language: 'c.utf_8',
  msid: nextMsid(world),
  'tiering.policy': 'none',
  'encryption.enabled': false,
  snapshot_directory_access_enabled: true,
  'nas.security_style': 'unix',
  'nas.unix_permissions': 755,
  'nas.uid': 0,
  'nas.gid': 0,
  'clone.is_flexclone': false,
  'autosize.mode': 'off',
  'space.fractional_reserve': 0,
  'space.logical_space.enforcement': false,
  'space.logical_space.reporting': false,
  'space.large_size_enabled': false,
  $used: 0,
  $snapshots_used: 0,
});

/** Near those of real systems, unique in the cluster, from the seed. */
const nextMsid = (world: World): number => {
  const taken = (msid: number) =>
    world.store.by('volume', 'msid', msid).length > 0 || world.store.by('recovery_queue', 'msid', msid).length > 0;
  for (;;) {
    const msid = FIRST_MSID + world.random.between('msid', 0, 999_999);
    if (!taken(msid)) return msid;
  }
};
