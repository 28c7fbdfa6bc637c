import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isDuplicate, ontapCode } from '../client/codes.ts';
import type { Refused } from '../client/outcome.ts';
import { Remembered } from '../remembered.ts';

const shareSchema = v.object({ name: v.string(), path: v.optional(v.string(), '') });
type Share = v.InferOutput<typeof shareSchema>;

const collection = '/protocols/cifs/shares';

/** Who may do what at a share: user or group, and `no_access`, `read`, `change` or `full_control`. */
export type ShareAcl = Readonly<Record<string, string>>;

/** Names are compared as Windows does. */
const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** SMB shares of the SVM. */
export class SmbShares {
  readonly #backend: OntapBackend;
  /** Shares by name and path that were there: those that many volumes use need not be asked for each time. */
  readonly #known = new Map<string, Remembered<true>>();

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /** Makes a share that many volumes use, unless it is there. */
  async ensure(name: string, path: string, signal: AbortSignal): Promise<void> {
    const key = JSON.stringify([name, path]);
    const known = this.#known.get(key) ?? new Remembered(this.#backend.environment.now);
    this.#known.set(key, known);
    await known.get(async () => {
      await this.create(name, path, undefined, signal);
      return true;
    }, signal);
  }

  /**
   * Makes a share. One of that name and path is as good, with the rights that are asked for.
   * @param acl who may use it; undefined: everybody, as ONTAP has it
   * @throws Problem `share.taken` when a share of that name leads elsewhere
   */
  async create(name: string, path: string, acl: ShareAcl | undefined, signal: AbortSignal): Promise<void> {
    // Rights that come with the share leave no moment in which everybody has them.
    const acls = Object.entries(acl ?? {}).map(([user, permission]) => entryOf(user, permission));
    const outcome = await this.#post(name, path, acls, signal);
    if (outcome.kind === 'ok') {
      if (acl !== undefined && acls.length === 0) await this.#restrict(name, acl, signal);
      return;
    }
    if (outcome.kind !== 'refused') throw this.#backend.problem(outcome, `creating SMB share ${name}`);
    if (isDuplicate(outcome.refusal)) {
      await this.#requirePath(name, path, outcome, signal);
      if (acl !== undefined) await this.#restrict(name, acl, signal);
      return;
    }
    if (acls.length === 0 || !refusesAcls(outcome)) throw this.#backend.problem(outcome, `creating SMB share ${name}`);
    await this.create(name, path, undefined, signal);
    await this.#restrict(name, acl ?? {}, signal);
  }

  /** Removes the share if it leads where `leadsTo` says; one that is gone is as good. */
  async remove(name: string, leadsTo: (path: string) => boolean, signal: AbortSignal): Promise<void> {
    const found = await this.#find(name, signal);
    if (found === undefined || !leadsTo(found.path)) return;
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${this.#pathOf(name)}`,
        job: 'none',
        done: async (inner) => (await this.#find(name, inner)) === undefined,
      },
      signal,
    );
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return;
    throw this.#backend.problem(outcome, `deleting SMB share ${name}`);
  }

  #post(name: string, path: string, acls: readonly object[], signal: AbortSignal) {
    return this.#backend.change(
      {
        method: 'POST',
        path: collection,
        body: { name, path, svm: { name: this.#backend.facts.svm.name }, ...(acls.length === 0 ? {} : { acls }) },
        job: 'none',
        // Whether it has the rights that were asked for does not show; a second try is refused as a duplicate, and tells.
        done: async () => false,
      },
      signal,
    );
  }

  async #find(name: string, signal: AbortSignal): Promise<Share | undefined> {
    const query = { name, 'svm.name': this.#backend.facts.svm.name, fields: 'path' };
    const answer = await this.#backend.client.list(collection, query, shareSchema, signal);
    return this.#backend.must(answer, `looking for SMB share ${name}`).find((share) => sameName(share.name, name));
  }

  async #requirePath(name: string, path: string, refused: Refused, signal: AbortSignal): Promise<void> {
    const found = await this.#find(name, signal);
    if (found === undefined || found.path === path) return;
    throw new Problem(
      'share.taken',
      'conflict',
      `SMB share ${name} of SVM ${this.#backend.facts.svm.name} leads to ${found.path}, not to ${path}`,
      { array: refused.refusal, hint: 'remove or rename that share, or choose another volume name or smbShare' },
    );
  }

  /** Takes the right of everybody, and gives those of the list. Unknown names get none, as in stock (ontap-drivers.md 3.4). */
  async #restrict(name: string, acl: ShareAcl, signal: AbortSignal): Promise<void> {
    const acls = `${this.#pathOf(name)}/acls`;
    const taken = await this.#backend.change(
      { method: 'DELETE', path: `${acls}/Everyone/windows`, job: 'none', done: async () => false },
      signal,
    );
    if (taken.kind !== 'ok' && !(taken.kind === 'refused' && isAbsent(taken.refusal)))
      throw this.#backend.problem(taken, `closing SMB share ${name} to everybody`);
    for (const [user, permission] of Object.entries(acl)) {
      const given = await this.#backend.change(
        { method: 'POST', path: acls, body: entryOf(user, permission), job: 'none', done: async () => false },
        signal,
      );
      if (given.kind === 'ok') continue;
      if (given.kind === 'refused' && (isDuplicate(given.refusal) || isUserUnknown(given))) continue;
      throw this.#backend.problem(given, `giving ${user} access to SMB share ${name}`);
    }
  }

  #pathOf(name: string): string {
    return `${collection}/${this.#backend.facts.svm.uuid}/${encodeURIComponent(name)}`;
  }
}

const entryOf = (user: string, permission: string) => ({ user_or_group: user, permission });

const isUserUnknown = ({ refusal }: Refused): boolean => refusal.code === ontapCode.shareUserUnknown;

/** One of the names cannot be resolved, or the release takes no rights with a new share. */
const refusesAcls = (refused: Refused): boolean =>
  isUserUnknown(refused) ||
  ([ontapCode.fieldNotSettableHere, ontapCode.unexpectedArgument].some((code) => code === refused.refusal.code) &&
    `${refused.refusal.target ?? ''} ${refused.refusal.message}`.includes('acls'));
