import { isUtf8 } from 'node:buffer';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TLSSocket, type SecureContextOptions } from 'node:tls';
import { createGzip, gzipSync } from 'node:zlib';
import type { ConnectionCounters } from '../contract.ts';
import type { Incoming, Reply } from './api.ts';
import type { KeyedCertificate } from './certificate.ts';
import type { TlsFlaw } from './fault-rules.ts';
import { isMultipart } from './multipart.ts';
import { sleep } from './sleep.ts';
import { newTurns } from './turns.ts';

const WORTH_COMPRESSING = 1024;

export type Handler = (incoming: Incoming) => Promise<Reply>;

export interface Listening {
  readonly port: number;
  readonly connections: ConnectionCounters;
  close(): Promise<void>;
}

interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: KeyedCertificate;
  /** Asked as each connection is opened: what is wrong with it. */
  readonly flaw: () => TlsFlaw | undefined;
  /** What the server shows then. */
  readonly flawed: (flaw: Exclude<TlsFlaw, 'refused'>) => KeyedCertificate;
  /** PEM; client certificates that it signed are logins. */
  readonly authority: string;
  /** Bytes that a request to the target (path and query) may bring. */
  readonly greatestBody: (target: string) => number;
  readonly handle: Handler;
}

class Connections implements ConnectionCounters {
  handshakes = 0;
  open = 0;
  peak = 0;

  opened(): void {
    this.handshakes += 1;
    this.open += 1;
    this.peak = Math.max(this.peak, this.open);
  }

  closed(): void {
    this.open -= 1;
  }

  reset(): void {
    this.handshakes = 0;
    this.peak = this.open;
  }
}

const commonNameOf = (request: IncomingMessage): string | undefined => {
  const socket = request.socket;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
};

/** Undefined when it is longer than what is taken. */
const readBody = (request: IncomingMessage, greatest: number): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > greatest) resolve(undefined);
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });

/** What a body says: text, or the bytes of a form; undefined for what is neither. */
const textOf = (body: Buffer, type: string | undefined): string | undefined =>
  isMultipart(type) ? body.toString('latin1') : isUtf8(body) ? body.toString('utf8') : undefined;

const headersOf = (request: IncomingMessage): Record<string, string | undefined> => {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
};

const takesGzip = (acceptEncoding: string): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(acceptEncoding);

/** Pieces that are not there yet are many. */
const isLong = ({ texts }: Reply): boolean => !Array.isArray(texts);

/** A long reply, piece by piece as the client takes it. */
const stream = async (response: ServerResponse, { status, headers, texts }: Reply, acceptEncoding: string) => {
  const packed = takesGzip(acceptEncoding);
  response.writeHead(status, { ...headers, ...(packed ? { 'Content-Encoding': 'gzip' } : {}) });
  await (packed
    ? pipeline(Readable.from(texts), createGzip({ level: 1 }), response)
    : pipeline(Readable.from(texts), response));
};

const send = (response: ServerResponse, reply: Reply, acceptEncoding: string) => {
  const plain = Buffer.from([...reply.texts].join(''), reply.bytes ? 'latin1' : 'utf8');
  const packed = plain.length >= WORTH_COMPRESSING && takesGzip(acceptEncoding);
  const content = packed ? gzipSync(plain, { level: 1 }) : plain;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
    'Content-Length': content.length,
  });
  return content;
};

const secureContext = (options: ServerOptions, flaw: TlsFlaw | undefined): SecureContextOptions => {
  const identity = flaw === undefined || flaw === 'refused' ? options.identity : options.flawed(flaw);
  return {
    key: identity.privateKey,
    cert: identity.certificate + options.authority,
    ca: [options.authority],
    // No client of today goes down to what is left then.
    ...(flaw === 'refused' ? { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } : { minVersion: 'TLSv1.2' }),
  };
};

/** Before a connection's handshake, the server takes the certificate that the connection is to see. */
const wearFlaws = (server: Server, options: ServerOptions) => {
  let worn: TlsFlaw | undefined;
  server.prependListener('connection', () => {
    const flaw = options.flaw();
    if (flaw !== worn) server.setSecureContext(secureContext(options, flaw));
    worn = flaw;
  });
};

/** An HTTPS server that asks for client certificates and does not insist on them. */
export const listen = async (options: ServerOptions): Promise<Listening> => {
  const connections = new Connections();
  const raw = new Map<string, Socket>();
  const server: Server = createServer({
    ...secureContext(options, undefined),
    requestCert: true,
    rejectUnauthorized: false,
    keepAliveTimeout: 120_000,
  });
  wearFlaws(server, options);
  const turn = newTurns();
  const nameOf = (socket: Socket) => `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}`;
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    raw.set(name, socket);
    socket.once('close', () => raw.delete(name));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    connections.opened();
    socket.once('close', () => connections.closed());
  });

  const end = (request: IncomingMessage, response: ServerResponse, reply: Reply) => {
    const reset = () => {
      raw.get(nameOf(request.socket))?.resetAndDestroy();
      request.socket.destroy();
    };
    if (reply.ending === 'reset') reset();
    else if (reply.ending === 'close') request.socket.end();
    else if (reply.ending === 'reset-headers') {
      send(response, reply, '');
      response.flushHeaders();
      setImmediate(reset);
    } else {
      const content = send(response, reply, '');
      const stop = reply.ending === 'truncate' ? () => request.socket.destroy() : reset;
      response.write(content.subarray(0, Math.floor(content.length / 2)), stop);
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const arrived = performance.now();
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const body = await readBody(request, options.greatestBody(request.url ?? ''));
    if (body === undefined) {
      response.writeHead(413, { 'Content-Length': 0, Connection: 'close' }).end();
      return;
    }
    // Many come at once, and replies to earlier ones fall due while these are worked on.
    await turn();
    const reply = await options.handle({
      arrived,
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      headers: headersOf(request),
      body: textOf(body, request.headers['content-type']),
      commonName: commonNameOf(request),
      signal: gone.signal,
    });
    if (response.destroyed || request.socket.destroyed) return;
    if (reply.ending !== undefined) return end(request, response, reply);
    const acceptEncoding = String(request.headers['accept-encoding'] ?? '');
    if (isLong(reply) && reply.bodyDelayMs === undefined) return stream(response, reply, acceptEncoding);
    const content = send(response, reply, acceptEncoding);
    if (reply.bodyDelayMs !== undefined) {
      response.flushHeaders();
      await sleep(reply.bodyDelayMs, gone.signal);
    }
    response.end(content);
  };

  server.on('request', (request, response) => {
    serve(request, response).catch((cause: unknown) => {
      if (response.headersSent || response.destroyed) return request.socket.destroy();
      const message = cause instanceof Error ? cause.message : String(cause);
      response.writeHead(500, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: { message: `The simulator failed: ${message}`, code: '262145' } }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of raw.values()) socket.destroy();
      }),
  };
};
