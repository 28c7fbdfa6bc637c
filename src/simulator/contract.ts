import type { KeyedCertificate } from './core/certificate.ts';
import type { ActiveFault, FaultRule } from './core/fault-rules.ts';
import type { Personality, Topology } from './core/topology.ts';

/** How a simulator is started, and what whoever started it can see and do. */

export interface SimulatorOptions {
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Opens a door of the control plane's own on loopback, which no fault strikes; 0 takes a free port. */
  readonly controlPort?: number;
  /** Same seed and same requests give the same bytes. */
  readonly seed?: number;
  readonly clock?: ClockOptions;
  /** What every call of `/api` takes at least, in milliseconds of real time; waiting for jobs comes on top. */
  readonly latencyMs?: number;
  /** Replaces top-level parts of the default topology. */
  readonly topology?: Partial<Topology>;
  readonly jobs?: JobOptions;
  readonly pace?: PaceOptions;
  /** Refuses more: LUN maps without paths to the LUN, deleting volumes that are mounted. Default false. */
  readonly strict?: boolean;
  readonly faults?: readonly FaultRule[];
  /** Passwords by user name; a user without one gets a random password. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** Bearer tokens by user name, beside those of the topology. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** Token of the control plane under `/_sim`; random when absent. */
  readonly controlToken?: string;
  /** Of an earlier simulator, so that its clients know this one: certificates, passwords and token. */
  readonly secrets?: SimulatorSecrets;
  /** State to start from, as `dump` gave it; seed, clock and topology are then taken from it. */
  readonly state?: string;
}

/**
 * `real` (default): the machine's clock; an instant at which the clock stands until it is moved; or one that runs so
 * many times as fast as the machine's, from an instant or from now.
 */
export type ClockOptions = 'real' | { readonly frozenAt: Date } | { readonly speed: number; readonly from?: Date };

export interface JobOptions {
  /** Milliseconds on the simulated clock; a range is drawn from the seed. Default 0: done when the request is answered. */
  readonly duration?: number | { readonly minMs: number; readonly maxMs: number };
  /** A job is seen `running` by its first n readers, whatever its duration; default 0. */
  readonly runningPolls?: number;
  /** How long a finished job can be read; default 300,000. */
  readonly retentionMs?: number;
}

/** Work that goes on behind finished requests. By default it takes no time. */
export interface PaceOptions {
  /** Milliseconds in which quotas are switched on or changed. */
  readonly quotaMs?: number;
  /** Milliseconds in which a clone is split. */
  readonly splitMs?: number;
  /** Milliseconds in which a volume is moved to another aggregate, or a LUN to another volume. */
  readonly moveMs?: number;
  /** Milliseconds of every transfer of a mirror. */
  readonly transferMs?: number;
  /** Added for the bytes that a transfer moves. */
  readonly transferBytesPerSecond?: number;
  /** Schedules run on the machine's clock too; on a clock that is moved they always do. Default false. */
  readonly schedulesRun?: boolean;
}

/** What clients of a simulator hold; not part of its state. */
export interface SimulatorSecrets {
  /** Signs the server's certificate and those of clients. PEM. */
  readonly authority: KeyedCertificate;
  /** By user name. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly controlToken: string;
}

export interface SimulatorUser {
  readonly name: string;
  readonly password: string;
  readonly token?: string;
  readonly role: string;
  readonly svm?: string;
  readonly locked: boolean;
}

/** What happens to users while their clients are at work. */
export interface Accounts {
  /** Turns the user away, or lets the user in again. Throws an Error for an unknown one. */
  setLocked(user: string, locked: boolean): void;
  /** The old password is not taken any more. Throws an Error for an unknown user. */
  setPassword(user: string, password: string): void;
}

export interface LoggedRequest {
  /** From 1 in the order of arrival. */
  readonly number: number;
  /** On the simulated clock, ISO 8601. */
  readonly time: string;
  readonly user: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Only headers that change behaviour: accept, content-type, x-dot-*. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it was read, with secrets replaced; undefined without a body. */
  readonly body: unknown;
  /** 0 when the connection was ended without an answer. */
  readonly status: number;
  /** ONTAP's error code, when it answered with one. */
  readonly code: string | undefined;
  /** Names of the faults that struck. */
  readonly faults: readonly string[];
}

export interface RequestFilter {
  readonly method?: string;
  /** Path pattern as in faults: `*` within a segment, `**` across segments; `/api` may be left out. */
  readonly path?: string;
  readonly status?: number;
  /** ONTAP's error code: `3` for paths that are not there, `262197` for fields that are not. */
  readonly code?: string;
}

export interface RequestLog {
  list(filter?: RequestFilter): readonly LoggedRequest[];
  count(filter?: RequestFilter): number;
  reset(): void;
}

export interface ConnectionCounters {
  /** TLS handshakes completed since start or the last reset. */
  readonly handshakes: number;
  readonly open: number;
  /** Greatest number open at once since start or the last reset. */
  readonly peak: number;
  reset(): void;
}

export interface Faults {
  /** Returns the rule's name. */
  add(rule: FaultRule): string;
  list(): readonly ActiveFault[];
  /** True when there was one. */
  remove(name: string): boolean;
  clear(): void;
}

export interface SimulatedClock {
  /** True when it stands still until it is moved. */
  readonly frozen: boolean;
  /** How many times as fast as the machine's it runs when it runs. */
  readonly speed: number;
  now(): Date;
  /** Moves the clock forward; jobs that fall due on the way are done in order. One that runs goes on from there. */
  advance(milliseconds: number): void;
  /** Stops a running clock where it is. */
  freeze(): void;
  /** Lets it run from where it is, so many times as fast as the machine's (more than 0). */
  run(speed: number): void;
  /** Sets a frozen clock, or freezes a real one, at an instant that is not before now. */
  set(instant: Date): void;
}

/** A volume as a test wants to see it. */
export interface SimulatedVolume {
  readonly uuid: string;
  readonly name: string;
  readonly svm: string;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly state: string;
  readonly style: string;
  readonly junctionPath: string | undefined;
  readonly exportPolicy: string;
  readonly comment: string;
}

/** Reads and changes that the REST API does not offer. */
export interface SimulatedWorld {
  findVolume(name: string, svm?: string): SimulatedVolume | undefined;
  volumes(): readonly SimulatedVolume[];
  /** Bytes of active data in a volume; refused when it does not fit. */
  setUsedBytes(volume: string, bytes: number, svm?: string): void;
  /** Bytes written in a LUN or namespace, by its path or simple name; they are data of its volume. */
  setUnitUsedBytes(unit: string, bytes: number, svm?: string): void;
  /** Bytes in a qtree; refused when its quota, where quotas are on, or the volume does not allow it. */
  setQtreeUsedBytes(volume: string, qtree: string, bytes: number, svm?: string): void;
  /** Holds the quotas of a volume in a state (`initializing`, `corrupt`); undefined lets them go on. */
  setQuotaState(volume: string, state: string | undefined, svm?: string): void;
  /** Takes space away in an aggregate (data that belongs to nobody) so that this much is left. */
  setAggregateAvailable(aggregate: string, bytes: number): void;
  /** Gives an aggregate disks, or takes some away; refused below what is in use. */
  setAggregateSize(aggregate: string, bytes: number): void;
  /** Takes a network interface down or up again, whatever its settings say. */
  setInterfaceDown(name: string, down: boolean): void;
  /** Takes an aggregate offline, and the volumes in it; or brings them back. */
  setAggregateOffline(aggregate: string, offline: boolean): void;
  /** Takes a node down or up again, without takeover: its aggregates go offline, its interfaces down. */
  setNodeDown(name: string, down: boolean): void;
  /** Lets a node's partner take over what it does, or give it back. */
  setNodeTakenOver(name: string, taken: boolean): void;
  /** Ends a job that is stalled or paused, or would end later. */
  finishJob(uuid: string): void;
  /** Ends a transfer of a mirror that is stalled, or would end later. */
  finishTransfer(uuid: string): void;
  /** Throws an Error that says which invariant is broken; returns when all hold. */
  verify(): void;
}

export interface SimulatedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Simulator {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** `127.0.0.1:PORT`, what a backend file calls managementLIF. */
  readonly host: string;
  readonly port: number;
  /** PEM of the certificate that vouches for the server's; it also signs client certificates. */
  readonly certificate: string;
  readonly users: readonly SimulatorUser[];
  readonly accounts: Accounts;
  readonly controlToken: string;
  /** Where the control plane is: at its own door, or beside the API when it has none. */
  readonly controlUrl: string;
  readonly topology: Topology;
  readonly requests: RequestLog;
  readonly connections: ConnectionCounters;
  readonly faults: Faults;
  readonly clock: SimulatedClock;
  readonly world: SimulatedWorld;
  /** The user of that name; throws when there is none. */
  user(name: string): SimulatorUser;
  /** A certificate whose CN is the user, signed by this simulator: a login without a password. PEM. */
  issueClientCertificate(user: string): { readonly certificate: string; readonly privateKey: string };
  /** The same door as the network's, as `admin`, without a socket; not in the request log. Path below `/api`. */
  call(method: string, path: string, body?: unknown): Promise<SimulatedReply>;
  /** The whole state as JSON text; equal states give equal text. */
  dump(): string;
  /** The same in pieces. */
  dumpTexts(): Iterable<string>;
  restore(state: string): void;
  /**
   * Makes the cluster one of another kind or release (`9.16.1`) as it runs, for clients that look more than once. Not
   * between ASA r2 and the others while there are LUNs or namespaces.
   */
  reconfigure(change: { readonly personality?: Personality; readonly version?: string }): void;
  /** For a later simulator that is to be the same for its clients. */
  secrets(): SimulatorSecrets;
  stop(): Promise<void>;
}
