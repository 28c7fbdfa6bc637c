import type { DriverEnvironment } from '../driver.ts';
import type { OntapClient } from './client/client.ts';
import type { Lost, Ok, Refused, Unreadable } from './client/outcome.ts';
import { problemOf } from './client/problems.ts';
import { settle } from './client/settle.ts';
import type { SettledChange } from './client/settle.ts';
import { Limiter } from './client/waiting.ts';
import type { OntapSettings } from './config/settings.ts';
import { shownFor } from './discovered.ts';
import type { Facts } from './facts.ts';
import { KnownLifs } from './known-lifs.ts';
import type { TemplateData } from './template.ts';
import { templateConfig } from './template-config.ts';
import type { Problem } from '../../problem.ts';

/** Something to be done from time to time, for the first time when the period is over. */
class Periodic {
  readonly #periodMs: number;
  readonly #now: () => Date;
  #last: number;

  constructor(periodMs: number, now: () => Date) {
    this.#periodMs = periodMs;
    this.#now = now;
    this.#last = now().getTime();
  }

  isDue(): boolean {
    const now = this.#now().getTime();
    if (now - this.#last < this.#periodMs) return false;
    this.#last = now;
    return true;
  }
}

/** What every part of an open backend works with. */
export class OntapBackend {
  readonly client: OntapClient;
  readonly settings: OntapSettings;
  readonly facts: Facts;
  readonly environment: DriverEnvironment;
  readonly backendName: string;
  /** The configuration as templates of names and labels see it. */
  readonly templateConfig: TemplateData;
  readonly lifs: KnownLifs;
  /** When the release of the array is to be looked at again. */
  readonly releaseLook: Periodic;
  readonly #turns = new Map<string, Limiter>();

  constructor(parts: {
    readonly client: OntapClient;
    readonly settings: OntapSettings;
    readonly facts: Facts;
    readonly environment: DriverEnvironment;
    readonly backendName: string;
  }) {
    this.client = parts.client;
    this.settings = parts.settings;
    this.facts = parts.facts;
    this.environment = parts.environment;
    this.backendName = parts.backendName;
    this.templateConfig = templateConfig(shownFor(parts.settings, parts.facts), parts.backendName);
    this.lifs = new KnownLifs(parts.facts, parts.environment.now);
    this.releaseLook = new Periodic(3_600_000, parts.environment.now);
  }

  /** The value of an answer. @throws Problem that says what `what` met instead */
  must<T>(answer: Ok<T> | Refused | Unreadable | Lost, what: string): T {
    if (answer.kind === 'ok') return answer.value;
    throw this.problem(answer, what);
  }

  problem(answer: Refused | Unreadable | Lost, what: string): Problem {
    return problemOf(answer, what, {
      host: this.client.host,
      username: this.settings.username,
      svm: this.facts.svm.name,
    });
  }

  change(change: SettledChange, signal: AbortSignal): ReturnType<typeof settle> {
    return settle(this.client, change, signal);
  }

  /** See `DriverEnvironment.exclusively`; without it, what this process does excludes itself. */
  exclusively<T>(name: string, action: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { exclusively } = this.environment;
    const turn = this.#turns.get(name) ?? new Limiter(1);
    this.#turns.set(name, turn);
    return turn.run(() => (exclusively === undefined ? action() : exclusively(name, action, signal)), signal);
  }

  /** Milliseconds to add to our clock to get the array's; from the last answer, else from the discovery. */
  get clockOffsetMs(): number {
    return this.client.clockOffsetMs ?? this.facts.clockOffsetMs;
  }
}
