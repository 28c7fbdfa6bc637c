import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface RecordedExchange {
  readonly method: string;
  readonly path: string;
  readonly requestBody?: string;
  /** Null: the connection is closed without an answer. */
  readonly status?: number | null;
  readonly responseBody?: string;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface RecordingServer extends AsyncDisposable {
  readonly port: number;
  readonly received: readonly ReceivedRequest[];
}

/** Paths are compared by what they mean, as two clients may escape them differently. */
export const plainPath = (path: string): string => {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    return path;
  }
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString('utf8');
};

/** Answers as it was recorded: each exchange once, in order for its method and path; the last one again and again. */
export const startRecordingServer = async (exchanges: readonly RecordedExchange[]): Promise<RecordingServer> => {
  const answers = new Map<string, RecordedExchange[]>();
  for (const exchange of exchanges) {
    const key = `${exchange.method} ${plainPath(exchange.path)}`;
    answers.set(key, [...(answers.get(key) ?? []), exchange]);
  }
  const received: ReceivedRequest[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = request.method ?? '';
    const path = request.url ?? '';
    received.push({ method, path, body: await readBody(request) });
    const left = answers.get(`${method} ${plainPath(path)}`);
    const next = left !== undefined && left.length > 1 ? left.shift() : left?.[0];
    if (next?.status === null) {
      response.destroy();
      return;
    }
    response.writeHead(next?.status ?? 404, { 'content-type': 'application/json; charset=UTF-8' });
    response.end(next === undefined ? '404 page not found\n' : (next.responseBody ?? ''));
  };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => {
        server.close(() => done());
      });
    },
  };
};
