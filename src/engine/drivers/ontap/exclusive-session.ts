import type { OntapBackend } from './backend.ts';

/** How long the right is kept when nobody here uses it: what follows at once need not ask again what there is. */
const idleMs = 1_000;
/** How long others wait at most for work that goes on and on here. */
const longestMs = 3_000;

interface Session {
  readonly number: number;
  readonly begun: number;
  readonly opened: Promise<void>;
  readonly closed: Promise<void>;
  readonly end: () => void;
  isOpen: boolean;
  /** Nobody may enter any more. */
  isEnding: boolean;
  members: number;
  idle: NodeJS.Timeout | undefined;
}

/** Taking part in a session; `number` tells one session from the next. */
export interface Member extends Disposable {
  readonly number: number;
}

/**
 * Times in which this process alone, of all that share our records, changes what several volumes share. Any number of
 * operations take part in a session at once; what one of them reads holds until the session's end.
 */
export class ExclusiveSession {
  readonly #backend: OntapBackend;
  readonly #name: string;
  readonly #closing = new AbortController();
  #current: Session | undefined;
  #number = 0;

  constructor(backend: OntapBackend, name: string) {
    this.#backend = backend;
    this.#name = name;
  }

  /** False when no other process shares our records, so that one session lasts for ever. */
  get isShared(): boolean {
    return this.#backend.environment.exclusively !== undefined;
  }

  /** Waits for a session and enters it; dispose the result to leave. */
  async enter(signal: AbortSignal): Promise<Member> {
    for (;;) {
      signal.throwIfAborted();
      const session = (this.#current ??= this.#start());
      await unlessAborted(session.opened, signal);
      if (this.#isOver(session)) {
        await unlessAborted(session.closed, signal);
        continue;
      }
      clearTimeout(session.idle);
      session.members++;
      let left = false;
      return {
        number: session.number,
        [Symbol.dispose]: () => {
          if (left) return;
          left = true;
          this.#leave(session);
        },
      };
    }
  }

  async close(): Promise<void> {
    const session = this.#current;
    this.#closing.abort(new Error('the backend is being closed'));
    if (session === undefined) return;
    clearTimeout(session.idle);
    session.isEnding = true;
    session.end();
    await session.closed;
  }

  #start(): Session {
    const { environment } = this.#backend;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const { promise: opened, resolve: open, reject: fail } = Promise.withResolvers<void>();
    const hold = async () => {
      session.isOpen = true;
      open();
      await ended;
    };
    const exclusively = environment.exclusively ?? ((_name, action) => action());
    const session: Session = {
      number: ++this.#number,
      begun: environment.now().getTime(),
      opened,
      // A microtask later, when `session` is there.
      closed: Promise.resolve()
        .then(() => exclusively(this.#name, hold, this.#closing.signal))
        .catch((error: unknown) => {
          fail(error);
        })
        .finally(() => {
          session.isEnding = true;
          if (this.#current === session) this.#current = undefined;
        }),
      end,
      isOpen: false,
      isEnding: false,
      members: 0,
      idle: undefined,
    };
    // Whoever waits is told; when nobody does, nobody needs to know.
    opened.catch(() => undefined);
    return session;
  }

  #isOver(session: Session): boolean {
    const age = this.#backend.environment.now().getTime() - session.begun;
    if (this.isShared && age > longestMs) session.isEnding = true;
    if (session.isEnding && session.members === 0) session.end();
    return session.isEnding;
  }

  #leave(session: Session): void {
    session.members--;
    if (session.members > 0 || !this.isShared) return;
    if (this.#isOver(session)) return;
    session.idle = setTimeout(() => {
      session.isEnding = true;
      session.end();
    }, idleMs).unref();
  }
}

const unlessAborted = (promise: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
