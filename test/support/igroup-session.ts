import { at } from './ontap-session.ts';
import { openSanSession, type Named, type SanSession } from './san-session.ts';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';

const MIB = 1024 ** 2;
export const IGROUPS = '/protocols/san/igroups';
export const LUN_MAPS = '/protocols/san/lun-maps';

/** The name of an initiator. */
export const iqn = (name: string) => `iqn.1994-05.com.redhat:${name}`;

/** What maps a LUN to an igroup, both by UUID. */
export const lunMap = (lun: Pick<Named, 'uuid'>, igroup: Pick<Named, 'uuid'>, more: Record<string, unknown> = {}) => ({
  svm: { name: 'svm0' },
  lun: { uuid: lun.uuid },
  igroup: { uuid: igroup.uuid },
  ...more,
});

/** A session with what tests of igroups and their maps ask for again and again. */
export interface IgroupSession extends SanSession {
  /** A name that nothing else has. */
  unique(prefix: string): string;
  /** Makes an igroup for iSCSI and Linux under a name of its own. */
  nextIgroup(more?: Record<string, unknown>): Promise<Named>;
  /** Makes a LUN of 10 MiB under a name of its own, all of them in the volume `luns`. */
  nextLun(): Promise<Named>;
  /** Maps a LUN to an igroup; gives back the number that the LUN has there. */
  mapped(lun: Named, igroup: Named, more?: Record<string, unknown>): Promise<unknown>;
}

export const openIgroupSession = async (options: SimulatorOptions = {}): Promise<IgroupSession> => {
  const array = await openSanSession(options);
  await array.newVolume({ name: 'luns' });
  let count = 0;
  const unique = (prefix: string): string => {
    count += 1;
    return `${prefix}${count}`;
  };
  return {
    ...array,
    unique,
    nextIgroup: async (more) => {
      const name = unique('host');
      return { name, uuid: await array.newIgroup(name, more) };
    },
    nextLun: async () => {
      const name = `/vol/luns/${unique('lun')}`;
      return { name, uuid: await array.newLun(name, { space: { size: 10 * MIB } }) };
    },
    mapped: async (lun, igroup, more) => {
      const made = await array.expect(201, 'POST', `${LUN_MAPS}?return_records=true`, lunMap(lun, igroup, more));
      return at(made, 'records', 0, 'logical_unit_number');
    },
  };
};
