import { createHash } from 'node:crypto';
import type { Core } from './core.ts';
import type { BackendRecord } from './model.ts';

/** How long access rules are taken to be as they were found, while nothing on record changes. */
const everyMs = 900_000;

interface Look {
  readonly mark: string;
  readonly at: number;
}

/**
 * When the access rules of a backend were last found to be in order. Each operation sets its own rules, so that a pass which
 * comes every few minutes has to compare them with the records only when those have changed, and from time to time because
 * others change arrays too. Kept for this process alone: the first pass of each looks.
 */
export interface AccessLooks {
  /** What on record decides who has access, in short: it differs when that has changed. */
  markOf(backend: BackendRecord): Promise<string>;
  isDue(uuid: string, mark: string): boolean;
  /** The rules are as records with this mark want them. */
  inOrder(uuid: string, mark: string): void;
  /** Forgets all backends but these. */
  keep(uuids: readonly string[]): void;
}

export const createAccessLooks = ({ store, now }: Pick<Core, 'store' | 'now'>): AccessLooks => {
  const looks = new Map<string, Look>();
  return {
    async markOf({ uuid, state }) {
      const [publications, nodes] = await Promise.all([
        store.list('publication', { index: 'backend', value: uuid }),
        store.list('node'),
      ]);
      return createHash('sha256')
        .update(JSON.stringify([state, publications, nodes]))
        .digest('base64');
    },
    isDue(uuid, mark) {
      const last = looks.get(uuid);
      // A clock that was set back makes no look last longer.
      return last?.mark !== mark || Math.abs(now().getTime() - last.at) >= everyMs;
    },
    inOrder(uuid, mark) {
      looks.set(uuid, { mark, at: now().getTime() });
    },
    keep(uuids) {
      const kept = new Set(uuids);
      for (const uuid of looks.keys()) if (!kept.has(uuid)) looks.delete(uuid);
    },
  };
};
