import { createHash } from 'node:crypto';
import type { Pool } from 'undici';
import { Problem, messageOf } from '../../../problem.ts';
import type { ClientSettings } from './settings.ts';
import { Limiter } from './waiting.ts';

/** Whom to connect to, and how to trust it and be trusted. PEM texts, already decoded. */
export interface Endpoint {
  /** Host, `host:port` or `[v6]:port`. */
  readonly managementLIF: string;
  readonly username: string;
  readonly password: string;
  readonly clientCertificate: string;
  readonly clientPrivateKey: string;
  /** Only root of trust; empty: any server certificate is accepted, as stock does. */
  readonly trustedCACertificate: string;
}

/**
 * The way to one array: a pool of kept-alive connections and a limit of requests under way, shared by every backend
 * of this process that names the same management address.
 */
export interface Connection extends AsyncDisposable {
  readonly origin: string;
  readonly limiter: Limiter;
  pool(): Promise<Pool>;
  /** Array's clock minus ours in milliseconds, from the last answer's `Date`; undefined before the first answer. */
  clockOffsetMs: number | undefined;
}

interface Shared {
  users: number;
  pool: Promise<Pool> | undefined;
  readonly limiter: Limiter;
  clockOffsetMs: number | undefined;
}

const shared = new Map<string, Shared>();

/**
 * `https://host[:port]` of a management address. An IPv6 address may come with or without brackets.
 * @throws Problem `config.invalid` when it is no address
 */
export const originOf = (managementLIF: string): string => {
  const text = managementLIF.trim();
  const bare = !text.startsWith('[') && text.split(':').length > 2 ? `[${text}]` : text;
  const url = URL.canParse(`https://${bare}`) ? new URL(`https://${bare}`) : undefined;
  if (url === undefined || url.pathname !== '/' || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new Problem(
      'config.invalid',
      'invalid',
      `managementLIF: ${JSON.stringify(managementLIF)} is not an address; use a host name, host:port or [IPv6]:port`,
      { path: ['managementLIF'] },
    );
  return url.origin;
};

/** Connections differ only by what is fixed when they are opened: address, client certificate, trust. */
const keyOf = (endpoint: Endpoint, origin: string): string => {
  const identity = [endpoint.clientCertificate, endpoint.clientPrivateKey, endpoint.trustedCACertificate];
  return `${origin} ${createHash('sha256').update(JSON.stringify(identity)).digest('hex')}`;
};

const openPool = async (endpoint: Endpoint, origin: string, settings: ClientSettings): Promise<Pool> => {
  const undici = await import('undici');
  const { clientCertificate, clientPrivateKey, trustedCACertificate } = endpoint;
  try {
    return new undici.Pool(origin, {
      connections: settings.connections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: 30_000,
      // Deadlines are kept per request by the caller's signal; these only end what would hang for ever.
      headersTimeout: settings.requestTimeoutMs * 2,
      bodyTimeout: settings.requestTimeoutMs * 2,
      connect: {
        timeout: settings.connectTimeoutMs,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: trustedCACertificate !== '',
        ...(trustedCACertificate === '' ? {} : { ca: trustedCACertificate }),
        ...(clientCertificate === '' ? {} : { cert: clientCertificate, key: clientPrivateKey }),
      },
    });
  } catch (cause) {
    throw new Problem(
      'config.invalid',
      'invalid',
      `the TLS settings for ${origin} cannot be used: ${messageOf(cause)}`,
      {
        cause,
        hint: 'clientCertificate, clientPrivateKey and trustedCACertificate are PEM files encoded in base64',
      },
    );
  }
};

/** Joins the connection to an array, or makes it. Opens no socket yet. Dispose it when the backend is closed. */
export const joinConnection = (endpoint: Endpoint, settings: ClientSettings): Connection => {
  const origin = originOf(endpoint.managementLIF);
  const key = keyOf(endpoint, origin);
  const entry: Shared = shared.get(key) ?? {
    users: 0,
    pool: undefined,
    limiter: new Limiter(settings.connections),
    clockOffsetMs: undefined,
  };
  shared.set(key, entry);
  entry.users++;
  let left = false;
  return {
    origin,
    limiter: entry.limiter,
    pool: () => (entry.pool ??= openPool(endpoint, origin, settings)),
    get clockOffsetMs() {
      return entry.clockOffsetMs;
    },
    set clockOffsetMs(offset) {
      entry.clockOffsetMs = offset;
    },
    async [Symbol.asyncDispose]() {
      if (left) return;
      left = true;
      entry.users--;
      if (entry.users > 0) return;
      shared.delete(key);
      // Nobody is left to wait for an answer; a graceful close could wait for one for minutes.
      if (entry.pool !== undefined) await (await entry.pool).destroy();
    },
  };
};
