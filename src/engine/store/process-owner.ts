import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** What the host program says about the process that the engine runs in. */
export interface ProcessFacts {
  readonly hostName: string;
  readonly pid: number;
  /** True when some process of this host has this id; asked only where `/proc` does not tell. */
  readonly isRunning: (pid: number) => boolean;
}

type Liveness = 'running' | 'gone' | 'unknown';

/** Names this process as a holder of locks, and tells whether another holder still runs. */
export interface ProcessOwner {
  /** `host/boot/pid/start/instance`; no other process has or will have it. */
  readonly name: string;
  livenessOf(owner: string): Liveness;
  /** After this, the name counts as that of a process that is gone. */
  retire(): void;
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

/** Identifies boot and process-id namespace: within both, a process id and its start time are unique. */
const bootOf = (): string => {
  const boot = readText('/proc/sys/kernel/random/boot_id')?.slice(0, 8) ?? '';
  try {
    return `${boot}-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''}`;
  } catch {
    return boot;
  }
};

/**
 * Clock ticks from boot to the start of a process (proc(5), `stat`, field 22); 'ended' when it has ended and only waits
 * for its parent, undefined where `/proc` does not tell of it.
 */
const startOf = (pid: number): string | undefined => {
  const stat = readText(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything, so fields are counted behind the last one.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === 'Z' || state === 'X' ? 'ended' : fields[18];
};

/** Instances of this process that are in use: two stores opened by one process are two owners. */
const instances = new Set<string>();

export const newProcessOwner = (facts: ProcessFacts): ProcessOwner => {
  const boot = bootOf();
  const start = startOf(facts.pid) ?? '';
  const process = [encodeURIComponent(facts.hostName), boot, facts.pid, start].join('/');
  const name = `${process}/${randomBytes(6).toString('hex')}`;
  instances.add(name);

  const livenessOf = (owner: string): Liveness => {
    if (owner.startsWith(`${process}/`)) return instances.has(owner) ? 'running' : 'gone';
    const [host, otherBoot = '', pidText = '', otherStart = ''] = owner.split('/');
    const pid = Number(pidText);
    if (host !== encodeURIComponent(facts.hostName) || !Number.isSafeInteger(pid) || pid <= 0) return 'unknown';
    // The same host under another boot: it was restarted since, unless only the namespace differs.
    if (otherBoot !== boot) return otherBoot.split('-')[0] === boot.split('-')[0] ? 'unknown' : 'gone';
    const found = start === '' ? undefined : startOf(pid);
    if (found !== undefined) return found === otherStart ? 'running' : 'gone';
    // Without its start time (no `/proc`, or one that hides others' processes) the id may belong to another process
    // by now; only its absence is certain.
    return facts.isRunning(pid) ? 'unknown' : 'gone';
  };

  return { name, livenessOf, retire: () => instances.delete(name) };
};

/** An owner for people: `process 4711 on host-a`. */
export const describeOwner = (owner: string): string => {
  const [host = '', , pid = ''] = owner.split('/');
  try {
    return `process ${pid} on ${decodeURIComponent(host)}`;
  } catch {
    return owner;
  }
};
