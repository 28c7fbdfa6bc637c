import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../../src/simulator/simulator.ts';

/** Writes an ontap-nas backend file for a running simulator into a folder, and gives its path. */
export const nasBackendFile = (
  folder: string,
  simulator: Simulator,
  more: Readonly<Record<string, unknown>> = {},
): string => {
  const path = join(folder, `backend-${simulator.port}.json`);
  const { name, password } = simulator.user('admin');
  writeFileSync(
    path,
    JSON.stringify({
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
      ...more,
    }),
    { mode: 0o600 },
  );
  return path;
};
