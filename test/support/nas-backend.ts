import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../../src/simulator/contract.ts';

/** The configuration of an ontap-nas backend on a running simulator. */
export const nasBackend = (simulator: Simulator) => {
  const { name, password } = simulator.user('admin');
  return {
    version: 1,
    storageDriverName: 'ontap-nas',
    backendName: 'nas1',
    managementLIF: simulator.host,
    svm: 'svm0',
    username: name,
    password,
    trustedCACertificate: Buffer.from(simulator.certificate).toString('base64'),
    storagePrefix: 'trident_',
    autoExportPolicy: true,
  };
};

/** Writes it, with further keys, into a folder, and gives the path. */
export const nasBackendFile = (
  folder: string,
  simulator: Simulator,
  more: Readonly<Record<string, unknown>> = {},
): string => {
  const path = join(folder, `backend-${simulator.port}.json`);
  writeFileSync(path, JSON.stringify({ ...nasBackend(simulator), ...more }), { mode: 0o600 });
  return path;
};
