import { openSanSession, type SanSession } from './san-session.ts';

const MIB = 1024 ** 2;
/** The name of a host. */
export const NQN = 'nqn.2014-08.org.nvmexpress:uuid:4c4c4544-0057-3610-8031-b4c04f574b32';

/** A session with what tests of subsystems ask for again and again. */
export interface NvmeSession extends SanSession {
  /** Makes a namespace of 10 MiB under a name of its own, all of them in one volume; gives back its UUID. */
  nextNamespace(): Promise<string>;
}

export const openNvmeSession = async (): Promise<NvmeSession> => {
  const array = await openSanSession();
  const volume = await array.newVolume();
  let namespaces = 0;
  return {
    ...array,
    nextNamespace: () => {
      namespaces += 1;
      return array.newNamespace(`/vol/${volume.name}/ns${namespaces}`, { space: { size: 10 * MIB } });
    },
  };
};
