import { GROUPS, openGroupSession, SVM, type GroupSession } from './group-session.ts';
import { at, textAt } from './ontap-session.ts';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';

const MIB = 1024 ** 2;

/** What makes a LUN or a namespace of 10 MiB in a group. */
export const unit = (name: string | undefined, more: Record<string, unknown> = {}) => ({
  ...(name === undefined ? {} : { name }),
  os_type: 'linux',
  space: { size: 10 * MIB },
  ...more,
});
/** Of what it is added to, so many are made. */
export const count = (number: number) => ({ provisioning_options: { count: number } });
/** Names of what is in a list of a group, in their order. */
export const namesAt = (group: unknown, list: string): readonly unknown[] => {
  const found = at(group, list);
  return Array.isArray(found) ? found.map((each) => at(each, 'name')).toSorted() : [];
};
export const pathOf = (group: unknown) => `${GROUPS}/${textAt(group, 'uuid')}`;

/** A session with what tests of groups ask for that are made with their members. */
export interface ProvisionSession extends GroupSession {
  /** Makes a group of svm0; gives it back with all its fields. */
  made(body: Record<string, unknown>): Promise<unknown>;
  /** Changes a group; gives it back with all its fields. */
  changed(group: unknown, body: unknown): Promise<unknown>;
}

export const openProvisionSession = async (options: SimulatorOptions = {}): Promise<ProvisionSession> => {
  const session = await openGroupSession(options);
  return {
    ...session,
    made: async (body) => {
      await session.done('POST', GROUPS, { ...SVM, ...body });
      return session.show(await session.groupUuid(String(body['name'])));
    },
    changed: async (group, body) => {
      const uuid = textAt(group, 'uuid');
      await session.change(uuid, body);
      return session.show(uuid);
    },
  };
};
