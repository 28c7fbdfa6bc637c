import type { VolumeConfig } from '../../../orchestrator/model.ts';
import type { OntapBackend } from '../backend.ts';
import type { Presentation } from './file.ts';
import { SmbShares } from './smb-shares.ts';

interface ShareFor {
  readonly name: string;
  /** Junction or directory that the share shows. */
  readonly path: string;
  /** The share is the volume's own, and goes with it. */
  readonly own: boolean;
}

const windows = (path: string): string => path.replaceAll('/', '\\');
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * SMB (ontap-drivers.md 7.10): one share for all volumes if the backend names one, else a share for each volume; for those
 * that lie in a shared FlexVol, one for the FlexVol. A volume whose request lists who may use it has a share of its own.
 */
export const smbPresentation = (backend: OntapBackend, shares: SmbShares, inSharedFlexVol: boolean): Presentation => {
  const { smbShare } = backend.settings;

  const shareFor = (config: VolumeConfig, path: string, name: string): ShareFor => {
    if (!config.secureSMBEnabled && smbShare !== '') return { name: smbShare, path: '/', own: false };
    if (!config.secureSMBEnabled && inSharedFlexVol) {
      const parent = parentOf(path);
      return { name: lastOf(parent), path: parent, own: false };
    }
    return { name, path, own: true };
  };

  /** `\share\below\it` for a path that the share shows. */
  const pathThrough = (share: ShareFor, path: string): string =>
    `\\${share.name}${windows(share.path === '/' ? path : path.slice(share.path.length))}`;

  return {
    fileSystem: 'smb',

    information(config, path, view) {
      const { nfsServerIp: _ip, nfsPath: _path, ...rest } = config.accessInformation;
      const base = { ...rest, smbServer: backend.facts.dataLIF };
      if (view === undefined)
        return { ...base, smbPath: pathThrough(shareFor(config, path, config.internalName), path) };
      const name = config.secureSMBEnabled ? config.internalName : view.name;
      const source = pathThrough(shareFor(config, view.path, name), view.path);
      return { ...base, smbPath: `${source}\\~snapshot\\${view.snapshot}` };
    },

    async present(config, path, signal) {
      // A read-only clone is seen through the share of its source, unless it says itself who may see it.
      if (config.readOnlyClone && !config.secureSMBEnabled) return;
      const share = shareFor(config, path, config.internalName);
      if (!share.own) await shares.ensure(share.name, share.path, signal);
      else
        await shares.create(share.name, share.path, config.secureSMBEnabled ? config.smbShareACL : undefined, signal);
    },

    async withdraw(config, path, signal) {
      if (config.readOnlyClone && !config.secureSMBEnabled) return;
      const share = shareFor(config, path, config.internalName);
      if (!share.own || share.name.toLowerCase() === smbShare.toLowerCase()) return;
      const leadsTo = (found: string) => found === path || lastOf(found) === config.internalName;
      await shares.remove(share.name, leadsTo, signal);
    },
  };
};
