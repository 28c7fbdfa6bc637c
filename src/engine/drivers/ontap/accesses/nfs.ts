import type { OntapBackend } from '../backend.ts';
import type { Presentation } from './file.ts';

/** NFS: nodes mount the junction path from the data LIF; a volume's own mount options win over the backend's. */
export const nfsPresentation = (backend: OntapBackend): Presentation => ({
  fileSystem: 'nfs',

  information(config, path, view) {
    const mountOptions = config.mountOptions === '' ? backend.settings.nfsMountOptions : config.mountOptions;
    return {
      ...config.accessInformation,
      nfsServerIp: backend.facts.dataLIF,
      nfsPath: view === undefined ? path : `${view.path}/.snapshot/${view.snapshot}`,
      mountOptions: mountOptions.replace(/^-o /, ''),
    };
  },

  async present() {
    // The junction and its export policy went with the request that made the volume.
  },

  async withdraw() {
    // They went with the volume.
  },
});
