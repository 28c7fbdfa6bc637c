import { toTimeText } from './clock.ts';
import type { Operation } from './declaration.ts';
import { integer, isStoredObject, labelOf, type Entry } from './entry.ts';
import { JobClaims } from './job-claims.ts';
import { readRequest, toData, type JobFate, type JobRequest } from './job-data.ts';
import { dueOf, goingOn, holding, NOT_HELD } from './job-time.ts';
import { applyOperation, claimedKeys } from './operation.ts';
import { recordFailed, refusedRecords, summaryOf } from './record-failures.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

export interface JobModel {
  readonly minMs: number;
  readonly maxMs: number;
  readonly runningPolls: number;
  readonly retentionMs: number;
}

export const JOB = 'job';

/** Work that a request started and that ends on the simulated clock, when it is read often enough, or at once. */
export class Jobs {
  readonly #world: World;
  readonly #model: JobModel;
  readonly #requests = new Map<string, JobRequest>();
  readonly #claims = new JobClaims();
  /** Ended jobs, oldest first. */
  #ended: { readonly id: string; readonly at: number }[] = [];
  readonly #waiters = new Map<string, (() => void)[]>();
  readonly #cancels = new Map<string, () => void>();

  constructor(world: World, model: JobModel) {
    this.#world = world;
    this.#model = model;
  }

  isClaimed(key: string): boolean {
    return this.#claims.isClaimed(key);
  }

  /** What jobs that are under way will do to a record. */
  workOn(record: string): readonly { readonly job: Entry; readonly operation: Operation }[] {
    return this.#claims.jobsOn(record).flatMap((id) => {
      const job = this.#world.store.get(JOB, id);
      const operations = this.#requests.get(id)?.operations ?? [];
      return operations.filter((each) => each.id === record).map((operation) => ({ job, operation }));
    });
  }

  /** Starts the work; with a duration of 0 it is done when this returns. Returns the job's UUID. */
  start(request: JobRequest): string {
    this.purge();
    const { random, clock } = this.#world;
    const { runningPolls } = this.#model;
    const id = random.uuid(JOB);
    const due = dueOf(request, this.#model, this.#world);
    const job = this.#newJob(id, request);
    if (request.fate.vanish) this.#world.hidden.set(`${JOB}/${id}`, Number.MAX_SAFE_INTEGER);
    if (due !== undefined && due <= clock.now() && runningPolls === 0) {
      // Nobody can look at it before its end.
      this.#end(job, this.#work(request), request);
      return id;
    }
    // Only jobs that end by being read have a count; at 0 the next read ends them.
    const $polls = runningPolls === 0 ? undefined : runningPolls;
    this.#world.store.put(JOB, { ...job, $request: toData(request), $due: due, $polls });
    this.#requests.set(id, request);
    this.#claim(id, request.operations);
    this.#arm(id);
    return id;
  }

  #newJob(id: string, request: JobRequest): Entry {
    const { store, clock } = this.#world;
    return {
      $id: id,
      uuid: id,
      description: request.description,
      state: request.fate.stall?.state ?? 'running',
      start_time: clock.text(),
      node: store.all('node')[0]?.$id,
      svm: this.#svmOf(request),
      $results: request.operations.map(({ kind, id: changed }) => ({ kind, id: changed })),
      $bulk: request.bulk?.kind,
    };
  }

  /** A GET of the job: jobs that end by being read come nearer to their end. */
  read(job: Entry): void {
    const polls = job['$polls'];
    const due = job['$due'];
    if (!this.#requests.has(job.$id)) return;
    if (typeof polls === 'number' && polls > 0) this.#world.store.change(JOB, job.$id, { $polls: polls - 1 });
    else if (typeof due === 'number' && due <= this.#world.clock.now()) this.#run(job.$id);
  }

  isEnded(id: string): boolean {
    return !this.#requests.has(id);
  }

  /** Whether waiting can help: a job that ends by being read does not end by itself. */
  endsByItself(id: string): boolean {
    const job = this.#world.store.find(JOB, id);
    return job !== undefined && job['$polls'] === undefined;
  }

  /** Waits on the simulated clock; true when the job has ended. */
  wait(id: string, milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (this.isEnded(id)) return Promise.resolve(true);
    if (milliseconds === 0 || !this.endsByItself(id)) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (ended: boolean) => {
        cancel();
        signal.removeEventListener('abort', abandon);
        resolve(ended);
      };
      const abandon = () => finish(false);
      const cancel = this.#world.clock.at(this.#world.clock.now() + milliseconds, () => finish(this.isEnded(id)));
      signal.addEventListener('abort', abandon);
      this.#waiters.set(id, [...(this.#waiters.get(id) ?? []), () => finish(true)]);
    });
  }

  /** Ends a job that cannot end by itself, or one that would end later. */
  finish(id: string): void {
    if (this.#requests.has(id)) this.#run(id);
  }

  /** Takes up a job that stands still. Its work is done when the clock goes on, or at the next look at the job. */
  takeUp(id: string): void {
    const { store, clock } = this.#world;
    this.#cancels.get(id)?.();
    store.change(JOB, id, { state: 'running', $due: clock.now(), ...NOT_HELD });
    this.#cancels.set(
      id,
      clock.at(clock.now(), () => this.#run(id)),
    );
  }

  /** Makes a job stand still: `paused`, or `running` where its work can go on but not end. */
  hold(id: string, state: 'running' | 'paused'): void {
    const { store, clock } = this.#world;
    this.#cancels.get(id)?.();
    this.#cancels.delete(id);
    store.change(JOB, id, holding(store.get(JOB, id), state, clock.now()));
  }

  /** Lets a job that was made to stand still go on from there. */
  goOn(id: string): void {
    const { store, clock } = this.#world;
    store.change(JOB, id, goingOn(store.get(JOB, id), clock.now()));
    this.#arm(id);
  }

  /** Ends a job with a failure and without its work. */
  giveUp(id: string, refusal: Refusal): void {
    const request = this.#requests.get(id);
    if (request) this.#close(id, request, () => [refusal]);
  }

  /** How many jobs are under way that make or remove a record of the kind. */
  countUnderWay(kind: string): number {
    return [...this.#requests.values()].filter(({ operations }) =>
      operations.some((operation) => operation.kind === kind && operation.verb !== 'modify'),
    ).length;
  }

  /** Forgets finished jobs that are older than the retention. */
  purge(): void {
    const oldest = this.#world.clock.now() - this.#model.retentionMs;
    const [first] = this.#ended;
    if (!first || first.at >= oldest) return;
    const kept = this.#ended.findIndex((job) => job.at >= oldest);
    for (const { id } of this.#ended.splice(0, kept < 0 ? this.#ended.length : kept)) {
      this.#world.store.remove(JOB, id);
      this.#world.hidden.delete(`${JOB}/${id}`);
    }
  }

  /** Takes over the jobs that a restored state holds. They stand still until `resume`. */
  load(): void {
    const kinds = new Set(this.#world.store.kinds());
    for (const job of this.#world.store.all(JOB)) {
      const data = job['$request'];
      if (!isStoredObject(data)) {
        this.#ended.push({ id: job.$id, at: integer(job, '$ended') });
        continue;
      }
      const request = readRequest(data);
      const stranger = request.operations.find(({ kind }) => !kinds.has(kind));
      if (stranger) throw new Error(`${labelOf(JOB, job)}: it changes a "${stranger.kind}", which is not known`);
      this.#requests.set(job.$id, request);
      this.#claim(job.$id, request.operations);
    }
    this.#ended.sort((a, b) => a.at - b.at);
  }

  /** Lets the jobs that were taken over go on. */
  resume(): void {
    // A job that is due ends in `arm` and leaves the map.
    for (const id of Array.from(this.#requests.keys())) this.#arm(id);
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    for (const waiters of this.#waiters.values()) for (const wake of waiters) wake();
    for (const map of [this.#cancels, this.#waiters, this.#requests, this.#claims]) map.clear();
    this.#ended = [];
  }

  #claim(id: string, operations: readonly Operation[]) {
    const keys = operations.flatMap((operation) => claimedKeys(operation, this.#world));
    this.#claims.claim(id, keys, operations);
  }

  #arm(id: string) {
    const job = this.#world.store.get(JOB, id);
    const due = job['$due'];
    if (typeof due !== 'number' || job['$polls'] !== undefined) return;
    if (due <= this.#world.clock.now()) this.#run(id);
    else
      this.#cancels.set(
        id,
        this.#world.clock.at(due, () => this.#run(id)),
      );
  }

  #run(id: string) {
    const request = this.#requests.get(id);
    if (request) this.#close(id, request, () => this.#work(request));
  }

  #close(id: string, request: JobRequest, work: () => readonly Refusal[]) {
    this.#cancels.get(id)?.();
    this.#cancels.delete(id);
    this.#requests.delete(id);
    this.#claims.drop(id, request.operations);
    const failures = work();
    this.#end(this.#world.store.get(JOB, id), failures, request);
    for (const wake of this.#waiters.get(id) ?? []) wake();
    this.#waiters.delete(id);
  }

  /** Does the operations; returns what was refused. */
  #work({ operations, fate, continueOnFailure, bulk }: JobRequest): readonly Refusal[] {
    const failed = fate.fail && new Refusal(500, fate.fail.code, fate.fail.message);
    if (failed && fate.fail?.afterWork !== true) return [failed];
    const failures = refusedRecords(bulk);
    if (failures.length > 0 && !continueOnFailure) return failures;
    try {
      this.#world.store.transaction(() => {
        for (const [index, operation] of operations.entries()) {
          try {
            applyOperation(operation, this.#world);
            this.#hide(operation, fate);
          } catch (cause) {
            if (!(cause instanceof Refusal)) throw cause;
            failures.push(bulk ? recordFailed(bulk.labels[index] ?? '', cause) : cause);
            if (!continueOnFailure) throw cause;
          }
        }
      });
    } catch (cause) {
      // A defect of the simulator shows in the job; on a timer of its own it would end the process.
      if (!(cause instanceof Refusal))
        failures.push(new Refusal(500, 262145, `The simulator failed: ${String(cause)}`));
    }
    return failed ? [failed] : failures;
  }

  #hide(operation: Operation, fate: JobFate) {
    if (fate.hideMs === undefined || operation.verb !== 'create') return;
    this.#world.hidden.set(`${operation.kind}/${operation.id}`, this.#world.clock.now() + fate.hideMs);
  }

  /** One that is being made is not there before the work is done, and never when it failed. */
  #svmOf({ svm }: JobRequest): string | undefined {
    return this.#world.store.find('svm', svm)?.$id;
  }

  #end(job: Entry, failures: readonly Refusal[], request: JobRequest) {
    const refusal = summaryOf(failures, request);
    const now = this.#world.clock.now();
    this.#world.store.put(JOB, {
      ...job,
      $request: undefined,
      $due: undefined,
      $polls: undefined,
      $span: undefined,
      ...NOT_HELD,
      $ended: now,
      svm: this.#svmOf(request),
      end_time: toTimeText(now),
      ...(refusal
        ? {
            state: 'failure',
            ...(request.fate.fail?.onlyError === true ? {} : { message: refusal.message, code: Number(refusal.code) }),
            'error.message': refusal.message,
            'error.code': refusal.code,
            $status: refusal.status,
            $failures: failures.map(({ message, code }) => ({ message, code })),
          }
        : { state: 'success', message: 'success', code: 0 }),
    });
    this.#ended.push({ id: job.$id, at: now });
  }
}
