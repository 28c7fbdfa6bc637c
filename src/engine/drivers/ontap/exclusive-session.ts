import type { OntapBackend } from './backend.ts';

/** How long the right is kept when nobody uses it, here or elsewhere: what follows at once need not ask what there is. */
const idleMs = 1_000;
/** How long others wait at most for work that goes on and on here. */
const longestMs = 250;
/** How often it is asked whether others wait. */
const wantedMs = 50;

interface Session {
  readonly number: number;
  begun: number;
  readonly opened: Promise<void>;
  readonly closed: Promise<void>;
  readonly end: () => void;
  /** Nobody may enter any more. */
  isEnding: boolean;
  members: number;
  /** When the last member left, in milliseconds. */
  left: number;
  watch: NodeJS.Timeout | undefined;
  look: () => void;
}

/** Taking part in a session; `number` tells one session from the next. */
export interface Member extends Disposable {
  readonly number: number;
}

/**
 * Times in which this process alone, of all that share our records, changes what several volumes share. Any number of
 * operations take part in a session at once; what one of them reads holds until the session's end. It ends soon when
 * others wait for theirs, and when nothing is done any more.
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
      if (session.isEnding) {
        await unlessAborted(session.closed, signal);
        continue;
      }
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
    session.isEnding = true;
    session.end();
    await session.closed;
  }

  #start(): Session {
    const { environment } = this.#backend;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const { promise: opened, resolve: open, reject: fail } = Promise.withResolvers<void>();
    const hold = async (isWanted: () => Promise<boolean>) => {
      session.begun = session.left = this.#now();
      open();
      if (this.isShared) this.#watch(session, isWanted);
      await ended;
    };
    const exclusively = environment.exclusively ?? ((_name, action) => action(async () => false));
    const session: Session = {
      number: ++this.#number,
      begun: 0,
      opened,
      // A microtask later, when `session` is there.
      closed: Promise.resolve()
        .then(() => exclusively(this.#name, hold, this.#closing.signal))
        .catch((error: unknown) => {
          fail(error);
        })
        .finally(() => {
          session.isEnding = true;
          clearTimeout(session.watch);
          if (this.#current === session) this.#current = undefined;
        }),
      end,
      isEnding: false,
      members: 0,
      left: 0,
      watch: undefined,
      look: () => undefined,
    };
    // Whoever waits is told; when nobody does, nobody needs to know.
    opened.catch(() => undefined);
    return session;
  }

  #leave(session: Session): void {
    session.members--;
    session.left = this.#now();
    if (session.members > 0) return;
    if (session.isEnding) session.end();
    else session.look();
  }

  /**
   * Looks again and again whether others wait. Who waits is served as soon as nobody takes part here, and after a while
   * nobody comes in here any more.
   */
  #watch(session: Session, isWanted: () => Promise<boolean>): void {
    const look = async () => {
      const wanted = await isWanted();
      const isIdle = session.members === 0;
      const age = this.#now() - (isIdle ? session.left : session.begun);
      if (isIdle ? wanted || age >= idleMs : wanted && age >= longestMs) session.isEnding = true;
      if (session.isEnding && isIdle) session.end();
      else if (!session.isEnding) schedule();
    };
    const schedule = () => {
      clearTimeout(session.watch);
      session.watch = setTimeout(session.look, wantedMs).unref();
    };
    session.look = () => {
      look().catch(() => {
        // Who cannot be asked may be in the way of others: nobody enters any more.
        session.isEnding = true;
        if (session.members === 0) session.end();
      });
    };
    schedule();
  }

  #now(): number {
    return this.#backend.environment.now().getTime();
  }
}

const unlessAborted = (promise: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
