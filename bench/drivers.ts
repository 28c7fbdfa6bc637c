import type { JsonObject } from '../src/engine/json.ts';

/** A driver that is measured, and the array it is measured on. */
export interface BenchDriver {
  /** As `--driver` and the tables call it. */
  readonly name: string;
  /** What its backend says beside where the array is. */
  readonly config: JsonObject;
  /** Topology file of the simulated cluster, where the default one does not serve the driver. */
  readonly topology: JsonObject;
}

const nas = (storageDriverName: string): BenchDriver => ({
  name: storageDriverName,
  config: { storageDriverName, autoExportPolicy: true },
  topology: {},
});

const san = (name: string, config: JsonObject, topology: JsonObject): BenchDriver => ({ name, config, topology });

/** One for each column of the table of calls, and FC. */
export const drivers: readonly BenchDriver[] = [
  nas('ontap-nas'),
  nas('ontap-nas-flexgroup'),
  nas('ontap-nas-economy'),
  san('ontap-san-iscsi', { storageDriverName: 'ontap-san' }, {}),
  san('ontap-san-economy', { storageDriverName: 'ontap-san-economy' }, {}),
  san('ontap-san-nvme', { storageDriverName: 'ontap-san', sanType: 'nvme' }, {}),
  san(
    'ontap-san-fcp',
    { storageDriverName: 'ontap-san', sanType: 'fcp' },
    { svms: [{ name: 'svm0', protocols: ['fcp'] }] },
  ),
  san('asa-r2-iscsi', { storageDriverName: 'ontap-san' }, { cluster: { personality: 'asa-r2' } }),
];

/** Where a simulated array is and who may work on it. */
export interface ArrayFacts {
  readonly host: string;
  readonly svm: string;
  readonly username: string;
  readonly password: string;
  /** PEM */
  readonly certificate: string;
}

/** A backend of this driver on this array. */
export const backendOf = (driver: BenchDriver, array: ArrayFacts): JsonObject => ({
  version: 1,
  backendName: 'bench',
  managementLIF: array.host,
  svm: array.svm,
  username: array.username,
  password: array.password,
  trustedCACertificate: Buffer.from(array.certificate).toString('base64'),
  storagePrefix: 'trident_',
  ...driver.config,
});
