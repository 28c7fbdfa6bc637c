import type { StatusFamily } from '../../client/contract.ts';
import type { Problem } from '../problem.ts';

type Statuses = Readonly<Record<'notReady' | 'notFound' | 'conflict' | 'invalid' | 'unsupported' | 'other', number>>;

/** Stock's mapping of error classes to statuses, by family of routes (rest-api.md §2.3). */
const families: Readonly<Record<StatusFamily, Statuses>> = {
  add: { notReady: 503, notFound: 400, conflict: 400, invalid: 400, unsupported: 400, other: 400 },
  get: { notReady: 503, notFound: 404, conflict: 400, invalid: 400, unsupported: 400, other: 400 },
  delete: { notReady: 503, notFound: 404, conflict: 409, invalid: 400, unsupported: 400, other: 400 },
  volumeUpdate: { notReady: 500, notFound: 404, conflict: 500, invalid: 400, unsupported: 403, other: 500 },
  luks: { notReady: 500, notFound: 404, conflict: 500, invalid: 500, unsupported: 500, other: 500 },
};

/** Problems whose status stock fixes whatever their class. */
const byCode: Readonly<Record<string, number>> = {
  'core.failed': 500,
  'request.json': 400,
  // A class of its own in stock, which is not "not found".
  'autogrowpolicy.not-found': 400,
};

/** True when our own records can be neither read nor written, for which no request is to blame. */
const isStateBroken = ({ code }: Problem): boolean =>
  code.startsWith('store.') && code !== 'store.exists' && code !== 'store.changed';

/** The HTTP status of a problem on a route of this family. */
export const statusOf = (problem: Problem, family: StatusFamily): number => {
  const fixed = byCode[problem.code];
  if (fixed !== undefined) return fixed;
  if (isStateBroken(problem)) return 500;
  const statuses = families[family];
  switch (problem.kind) {
    case 'notReady':
    case 'notFound':
    case 'conflict':
    case 'invalid':
    case 'unsupported':
      return statuses[problem.kind];
    case 'usage':
      return statuses.invalid;
    case 'interrupted':
      return 503;
    case 'bug':
      return 500;
    case 'exists':
    case 'limit':
    case 'denied':
    case 'unavailable':
      return statuses.other;
  }
};
