import { Problem } from '../../engine/problem.ts';
import { closest } from '../../engine/validation.ts';
import type { CommandContext } from '../../cli/command.ts';
import { formatOf, printDocument } from '../../cli/output.ts';
import type { Personality } from './readings.ts';
import type { Simulator } from '../../simulator/contract.ts';

/** What somebody needs to know to use a simulated cluster. */
export interface Facts {
  readonly cluster: string;
  readonly url: string;
  /** `127.0.0.1:PORT`: the managementLIF of a backend. */
  readonly host: string;
  readonly username: string;
  readonly password: string;
  readonly svm: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly certificate: string;
  readonly controlToken: string;
  /** Where the control plane listens. */
  readonly controlUrl: string;
}

export const factsOf = (simulator: Simulator): Facts => {
  const administrator = simulator.users.find((user) => user.svm === undefined && user.role === 'admin');
  return {
    cluster: simulator.topology.cluster.name,
    url: simulator.url,
    host: simulator.host,
    username: administrator?.name ?? '',
    password: administrator?.password ?? '',
    svm: simulator.topology.svms[0]?.name ?? '',
    certificate: simulator.certificate,
    controlToken: simulator.controlToken,
    controlUrl: simulator.controlUrl,
  };
};

const NAS = ['ontap-nas', 'ontap-nas-flexgroup', 'ontap-nas-economy'];
const SAN = ['ontap-san', 'ontap-san-economy'];
/** Drivers that there is a backend file for. */
export const drivers: readonly string[] = [...NAS, ...SAN];

const driversOf: Readonly<Record<Personality, readonly string[]>> = {
  unified: drivers,
  asa: SAN,
  'asa-r2': ['ontap-san'],
  afx: NAS,
};

/** @throws Problem when a cluster of this personality has nothing for the driver */
export const checkDriver = (driver: string, personality: Personality): void => {
  if (driversOf[personality].includes(driver)) return;
  if (drivers.includes(driver))
    throw new Problem('cli.driver', 'usage', `a cluster of personality ${personality} has nothing for ${driver}`, {
      hint: `it serves ${driversOf[personality].join(', ')}`,
    });
  const meant = closest(driver, drivers);
  throw new Problem('cli.driver', 'usage', `there is no backend file for a driver ${JSON.stringify(driver)}`, {
    hint: meant === undefined ? `the drivers are ${drivers.join(', ')}` : `did you mean ${meant}?`,
  });
};

/** A file that `create backend` takes as it stands. */
const backendFile = (driver: string, facts: Facts) => ({
  version: 1,
  storageDriverName: driver,
  backendName: driver === 'ontap-nas' ? 'simulated' : `simulated-${driver.replace(/^ontap-/, '')}`,
  managementLIF: facts.host,
  svm: facts.svm,
  username: facts.username,
  password: facts.password,
  trustedCACertificate: Buffer.from(facts.certificate).toString('base64'),
});

/** Says where the clusters are, once. @param driver prints the backend file for it instead */
export const showFacts = async (
  all: readonly Facts[],
  driver: string | undefined,
  context: CommandContext,
): Promise<void> => {
  const { terminal } = context;
  const format = formatOf(context.options);
  const [first] = all;
  if (driver !== undefined && first !== undefined)
    await printDocument(backendFile(driver, first), format === 'json' ? 'json' : 'yaml', terminal);
  else if (format === 'json' || format === 'yaml')
    await printDocument(all.length === 1 ? first : { clusters: all }, format, terminal);
  else {
    for (const facts of all) {
      const name = all.length === 1 ? '' : `${facts.cluster} `;
      const svm = facts.svm === '' ? '' : `, SVM ${facts.svm}`;
      terminal.out(`Simulated ONTAP cluster ${name}at ${facts.url}${svm}\n`);
      terminal.out(`User ${facts.username}, password ${facts.password}\n`);
    }
  }
};
