import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import type { Lost, Refused, Unreadable } from '../client/outcome.ts';
import { growingDelays, pause } from '../client/waiting.ts';
import { isTransferring, relationshipFields, relationshipSchema } from './relationship-record.ts';
import type { Relationship } from './relationship-record.ts';

const path = '/snapmirror/relationships';
/** How long a relationship that is just being changed is waited for. */
const busyTimeoutMs = 60_000;
const busyCodes: readonly string[] = [
  ontapCode.mirrorBeingModified,
  ontapCode.mirrorChanging,
  ontapCode.mirrorQuiesceFailed,
  ontapCode.mirrorBreakFailed,
];

/** What a relationship is made of. Empty texts are left to the array. */
export interface RelationshipDraft {
  readonly source: string;
  readonly destination: string;
  readonly policy: string;
  readonly schedule: string;
}

export type RemovedSide = 'destination_only' | 'source_only' | 'both';

/** SnapMirror relationships of the cluster; asked for by UUID or by path, never all of them. */
export class Relationships {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  async findByUuid(uuid: string, signal: AbortSignal): Promise<Relationship | undefined> {
    const query = { fields: relationshipFields };
    const answer = await this.#backend.client.read(`${path}/${uuid}`, query, relationshipSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    return this.#backend.must(answer, `reading mirror relationship ${uuid}`);
  }

  /** The relationship of a destination; each has one at most. */
  async findByDestination(destination: string, signal: AbortSignal): Promise<Relationship | undefined> {
    const query = { 'destination.path': destination, fields: relationshipFields };
    const answer = await this.#backend.client.list(path, query, relationshipSchema, signal);
    return this.#backend
      .must(answer, `looking for the mirror relationship of ${destination}`)
      .find((found) => found.destination?.path === destination);
  }

  /** What a source knows of its destinations. */
  async listOfSource(source: string, signal: AbortSignal): Promise<readonly Relationship[]> {
    const query = { 'source.path': source, list_destinations_only: true, fields: 'source.path,destination.path' };
    const answer = await this.#backend.client.list(path, query, relationshipSchema, signal);
    return this.#backend
      .must(answer, `looking for the mirrors of ${source}`)
      .filter((found) => found.source?.path === source);
  }

  /** Makes a relationship; one that is there already, between the same volumes, is as good. */
  async create(draft: RelationshipDraft, signal: AbortSignal): Promise<Relationship> {
    const what = `making ${draft.destination} a mirror of ${draft.source}`;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        body: {
          source: { path: draft.source },
          destination: { path: draft.destination },
          ...(draft.policy === '' ? {} : { policy: { name: draft.policy } }),
          ...(draft.schedule === '' ? {} : { transfer_schedule: { name: draft.schedule } }),
        },
        // The description of its job does not say which relationship it makes; a second one is refused.
        job: 'none',
        done: async (inner) => {
          const found = await this.findByDestination(draft.destination, inner);
          if (found === undefined) return false;
          return found.source?.path === draft.source ? true : 'other';
        },
      },
      signal,
    );
    if (outcome.kind === 'refused' && outcome.refusal.code !== ontapCode.mirrorExists)
      throw this.#backend.problem(outcome, what);
    const found = await this.findByDestination(draft.destination, signal);
    if (found?.source?.path === draft.source) return found;
    this.#backend.must(outcome, what);
    throw new Problem('mirror.not-on-array', 'unavailable', `${what}: the array does not show the relationship`);
  }

  /** Starts a transfer, up to a snapshot of the source or to its present contents. One that runs already is as good. */
  async transfer(relationship: Relationship, snapshot: string, signal: AbortSignal): Promise<void> {
    const before = relationship.transfer?.uuid;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path: `${path}/${relationship.uuid}/transfers`,
        body: snapshot === '' ? {} : { source_snapshot: snapshot },
        job: 'none',
        done: async (inner) => {
          const found = await this.findByUuid(relationship.uuid, inner);
          return found !== undefined && found.transfer?.uuid !== undefined && found.transfer.uuid !== before;
        },
      },
      signal,
    );
    if (outcome.kind === 'refused') {
      const now = await this.findByUuid(relationship.uuid, signal);
      if (now !== undefined && isTransferring(now)) return;
    }
    this.#backend.must(outcome, `transferring to ${relationship.destination?.path ?? relationship.uuid}`);
  }

  /** Brings a relationship into a state. @throws Problem with the array's words */
  async setState(
    relationship: Relationship,
    state: 'paused' | 'broken_off' | 'snapmirrored' | 'in_sync',
    more: { readonly restore_to_snapshot?: string },
    signal: AbortSignal,
  ): Promise<void> {
    const outcome = await this.#patient(signal, (inner) =>
      this.#backend.change(
        {
          method: 'PATCH',
          path: `${path}/${relationship.uuid}`,
          body: { state, ...more },
          job: 'byPath',
          done: async (again) => (await this.findByUuid(relationship.uuid, again))?.state === state,
        },
        inner,
      ),
    );
    const where = relationship.destination?.path ?? relationship.uuid;
    this.#backend.must(outcome, `bringing the mirror relationship of ${where} from ${relationship.state} to ${state}`);
  }

  /** Ends transfers that are under way; returns the relationship as it is then. */
  async quiet(relationship: Relationship, signal: AbortSignal): Promise<Relationship> {
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(settings.firstJobDelayMs, settings.longestJobDelayMs, settings.random);
    const until = now().getTime() + busyTimeoutMs;
    let found: Relationship = relationship;
    while (isTransferring(found)) {
      await this.#abort(found, signal);
      await pause(delay(), signal);
      const next = await this.findByUuid(found.uuid, signal);
      if (next === undefined || now().getTime() >= until) break;
      found = next;
    }
    return found;
  }

  /** Removes what one side, or both, know of a relationship; what is gone is as good. */
  async remove(relationship: Relationship, side: RemovedSide, signal: AbortSignal): Promise<void> {
    this.#backend.must(
      await this.tryRemove(relationship, side, signal),
      `removing the mirror relationship of ${relationship.destination?.path ?? relationship.uuid}`,
    );
  }

  async tryRemove({ uuid }: Relationship, side: RemovedSide, signal: AbortSignal) {
    const outcome = await this.#patient(signal, (inner) =>
      this.#backend.change(
        {
          method: 'DELETE',
          path: `${path}/${uuid}`,
          ...(side === 'both' ? {} : { query: { [side]: true } }),
          job: 'byPath',
          done: async (again) => (side === 'source_only' ? false : (await this.findByUuid(uuid, again)) === undefined),
        },
        inner,
      ),
    );
    return outcome.kind === 'refused' && isAbsent(outcome.refusal) ? ({ kind: 'ok', value: [] } as const) : outcome;
  }

  async #abort(relationship: Relationship, signal: AbortSignal): Promise<void> {
    const transfer = relationship.transfer?.uuid ?? '';
    const outcome = await this.#backend.client.change(
      { method: 'PATCH', path: `${path}/${relationship.uuid}/transfers/${transfer}`, body: { state: 'aborted' } },
      signal,
    );
    // Whatever came of it, the next look tells. A transfer that has ended cannot be aborted.
    if (outcome.kind === 'refused' && outcome.refusal.status === 403)
      throw this.#backend.problem(outcome, 'ending a transfer');
  }

  /** The array refuses what it is just doing something else for; it is asked again for a while. */
  async #patient<T>(
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<T | Refused | Unreadable | Lost>,
  ): Promise<T | Refused | Unreadable | Lost> {
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(settings.firstJobDelayMs, 5_000, settings.random);
    const until = now().getTime() + Math.min(busyTimeoutMs, settings.jobTimeoutMs);
    for (;;) {
      const outcome = await ask(signal);
      const isBusy = isRefused(outcome) && busyCodes.includes(outcome.refusal.code) && isPassing(outcome);
      if (!isBusy || now().getTime() >= until) return outcome;
      await pause(delay(), signal);
    }
  }
}

const isRefused = (outcome: unknown): outcome is Refused =>
  typeof outcome === 'object' && outcome !== null && 'kind' in outcome && outcome.kind === 'refused';

/** The codes for "failed" stand for many reasons; only another transfer or change passes by itself. */
const isPassing = ({ refusal }: Refused): boolean => /in progress|being modified/i.test(refusal.message);
