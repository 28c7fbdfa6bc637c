import type { OntapClient } from '../client/client.ts';
import type { Answer } from '../client/outcome.ts';
import type { OntapSettings } from '../config/settings.ts';
import type { Facts } from '../facts.ts';

/** An address at which nodes reach the SVM: an IP address, or a WWPN. */
export interface Lif {
  readonly address: string;
  /** Array node on which it is now; empty when the array does not tell. */
  readonly node: string;
}

/** What a probe finds out about how nodes reach the SVM. */
export type Reach = Pick<Facts, 'lifs' | 'lifNodes' | 'dataLIF' | 'targetName' | 'chap'>;

/** How a data protocol shows on an SVM, for discovery and health checks. */
export interface ProtocolProbe {
  /** For people: `NFS`, `iSCSI`. */
  readonly name: string;
  /** Name of the SVM's service for it: `CIFS`. */
  readonly service: string;
  /** The SVM's member that tells whether it serves the protocol. */
  readonly flag: 'nfs' | 'cifs' | 'iscsi' | 'fcp' | 'nvme';
  /** Serves blocks, so that it is there on SAN-only systems. */
  readonly block: boolean;
  /** Volumes of the driver can be mirrored, so that peers of the SVM matter. */
  readonly mirrors: boolean;
  /** The LIFs that are up, in the array's order. */
  listLifs(client: OntapClient, svmUuid: string, signal: AbortSignal): Promise<Answer<readonly Lif[]>>;
  /** @throws Problem that says what is missing for nodes to reach the SVM */
  reach(
    client: OntapClient,
    settings: OntapSettings,
    svm: { readonly uuid: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<Reach>;
}
