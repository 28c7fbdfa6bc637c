import { Problem } from '../../../problem.ts';
import type { DriverEnvironment } from '../../driver.ts';
import type { OntapSettings } from '../config/settings.ts';
import { OntapClient } from './client.ts';
import type { ClientSettings } from './settings.ts';

/**
 * A client for the array of a backend.
 * @param svm name of the SVM for messages about missing rights; empty when it is not known yet
 * @throws Problem `backend.credentials` when the configuration holds none that this process can read
 */
export const openClient = (
  settings: OntapSettings,
  svm: string,
  environment: DriverEnvironment,
  clientSettings: ClientSettings,
): OntapClient => {
  const { managementLIF, username, password, clientCertificate, clientPrivateKey, trustedCACertificate } = settings;
  if (username === '' && clientCertificate === '')
    throw new Problem('backend.credentials', 'denied', 'backend credentials not found', {
      hint: 'the key credentials names a Secret, which only a Trident in a cluster can read; give username and password instead',
    });
  return new OntapClient({
    endpoint: { managementLIF, username, password, clientCertificate, clientPrivateKey, trustedCACertificate },
    settings: clientSettings,
    version: environment.version,
    svm,
    trace: environment.trace,
    now: environment.now,
  });
};
