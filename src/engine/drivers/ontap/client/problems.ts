import { errorCode, isTrustError } from '../../../node-errors.ts';
import { Problem, messageOf } from '../../../problem.ts';
import type { ProblemDetails, ProblemKind } from '../../../problem.ts';
import { isAbsent, isBusy, isDenied, isDuplicate, isLimit, ontapCode } from './codes.ts';
import type { Asked, Lost, Refused, Unreadable } from './outcome.ts';

/** Who asked, for messages about missing rights. */
export interface Requester {
  readonly host: string;
  readonly username: string;
  readonly svm: string;
}

const trustHints: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name; use the name in the certificate as managementLIF',
  CERT_HAS_EXPIRED: 'renew the certificate of the array',
};

/** The array could not be reached at all; no request arrived. */
export const unreachable = (host: string, cause: unknown, details: { readonly nothingDone: boolean }): Problem => {
  const code = errorCode(cause);
  if (isTrustError(cause))
    return new Problem(
      'array.untrusted',
      'unavailable',
      `the TLS connection to the array at ${host} failed: ${messageOf(cause)}`,
      {
        ...details,
        cause,
        hint:
          trustHints[code] ??
          'check trustedCACertificate (base64 of the PEM of the authority that signed the certificate) and the client certificate',
      },
    );
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new Problem('array.unknown-host', 'unavailable', `the name of the array ${host} cannot be resolved`, {
      ...details,
      cause,
      hint: 'check managementLIF and the name service of this machine',
    });
  return new Problem(
    'array.unreachable',
    'unavailable',
    `the array at ${host} cannot be reached: ${messageOf(cause)}`,
    {
      ...details,
      cause,
      hint: 'check managementLIF, the network, and that the HTTPS service of the array is on',
    },
  );
};

/** A read was sent and no answer came. */
export const unanswered = (host: string, asked: Asked, cause: unknown): Problem =>
  new Problem(
    'array.no-answer',
    'unavailable',
    `the array at ${host} did not answer ${asked.method} /api${asked.path}: ${messageOf(cause)}`,
    { cause },
  );

/** Refusals about which more can be said than the array does. */
const explained: Readonly<
  Record<string, { readonly code: string; readonly kind: ProblemKind; readonly hint: string }>
> = {
  [ontapCode.svmNotRunning]: { code: 'svm.stopped', kind: 'unavailable', hint: 'start the SVM' },
  [ontapCode.volumeReadOnly]: {
    code: 'volume.read-only',
    kind: 'conflict',
    hint: 'the volume is a mirror: promote it first, or do this with its source',
  },
  [ontapCode.mirrorUninitialized]: {
    code: 'mirror.uninitialized',
    kind: 'conflict',
    hint: 'establish the mirror, and wait for its first transfer',
  },
};

const quote = (refused: Refused): string => {
  const { message, code } = refused.refusal;
  return code === '' ? message : `${message} (ONTAP error ${code})`;
};

const kindOf = (refused: Refused): { readonly code: string; readonly kind: ProblemKind } => {
  const { refusal } = refused;
  if (isDuplicate(refusal)) return { code: 'array.exists', kind: 'exists' };
  if (isAbsent(refusal)) return { code: 'array.not-found', kind: 'notFound' };
  if (isBusy(refusal)) return { code: 'array.busy', kind: 'conflict' };
  if (isLimit(refusal)) return { code: 'array.limit', kind: 'limit' };
  if (refusal.status === 429 || refusal.status >= 500) return { code: 'array.failed', kind: 'unavailable' };
  if (refusal.status === 409) return { code: 'array.conflict', kind: 'conflict' };
  return { code: 'array.refused', kind: 'invalid' };
};

const denied = (refused: Refused, what: string, requester: Requester, details: ProblemDetails): Problem => {
  const { method, path } = refused.asked;
  const who = requester.username === '' ? 'the client certificate' : `user ${requester.username}`;
  if (refused.refusal.status === 401)
    return new Problem(
      'array.login',
      'denied',
      `${what}: the array at ${requester.host} does not accept ${who}: ${quote(refused)}`,
      { ...details, hint: 'check username and password (or the client certificate) of the backend' },
    );
  const where = requester.svm === '' ? '' : ` on SVM ${requester.svm}`;
  return new Problem(
    'array.denied',
    'denied',
    `${what}: ${who}${where} has no right to ${method} /api${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{uuid}')}: ${quote(refused)}`,
    { ...details, hint: 'give the role of that user access to this path, or use a user that has it' },
  );
};

/**
 * What an answer other than "done" means to the reader. `what` says what was being done: `creating volume v1`.
 * A refusal of a change means that nothing was done; its job may have failed half-way, so only the answer of the request
 * itself counts as certain.
 */
export const problemOf = (answer: Refused | Unreadable | Lost, what: string, requester: Requester): Problem => {
  if (answer.kind === 'unreadable')
    return new Problem(
      'array.unreadable',
      'unavailable',
      `${what}: the answer of ${requester.host} to ${answer.asked.method} /api${answer.asked.path} cannot be read: ${answer.reason}`,
      { hint: 'check that managementLIF is the management address of an ONTAP system' },
    );
  if (answer.kind === 'lost')
    return new Problem(
      answer.runningJob === undefined ? 'array.reply-lost' : 'array.job-unfinished',
      'unavailable',
      `${what}: it is not known whether the array did it: ${answer.reason}`,
      {
        hint: 'look at the array, then repeat the operation',
        ...(answer.cause === undefined ? {} : { cause: answer.cause }),
      },
    );
  const details: ProblemDetails = {
    array: answer.refusal,
    nothingDone: answer.refusal.status >= 400 && answer.afterLoss !== true,
  };
  if (isDenied(answer.refusal)) return denied(answer, what, requester, details);
  const known = explained[answer.refusal.code];
  const { code, kind } = known ?? kindOf(answer);
  return new Problem(
    code,
    kind,
    `${what}: ${quote(answer)}`,
    known === undefined ? details : { ...details, hint: known.hint },
  );
};
