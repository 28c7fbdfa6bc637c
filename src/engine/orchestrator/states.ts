import { Problem } from '../problem.ts';
import type { BackendState, PublicationState, UserState, VolumeState } from './model.ts';

/**
 * State machines as tables: from a state to the states that may follow it. What is not in a table is an error,
 * whoever asks. Ids in comments are those of the behaviour reference.
 */
interface Machine<S extends string> {
  readonly what: string;
  readonly next: { readonly [From in S]: readonly S[] };
}

export const backendStates: Machine<BackendState> = {
  what: 'backend',
  next: {
    unknown: ['online', 'offline', 'failed', 'deleting'],
    // BE-82 poll; BE-64 set by the user; BE-71 delete
    online: ['offline', 'failed', 'deleting'],
    offline: ['online', 'failed', 'deleting'],
    // BE-64: back only by an update that reaches the array, never by a poll (BE-85 is not copied)
    failed: ['online', 'deleting'],
    // BE-73: ends with the last volume; neither poll nor update revives it (BE-85 is not copied)
    deleting: [],
  },
};

export const userStates: Machine<UserState> = {
  what: 'backend user state',
  next: { normal: ['suspended'], suspended: ['normal'] }, // BE-65
};

export const volumeStates: Machine<VolumeState> = {
  what: 'volume',
  next: {
    unknown: ['online', 'deleting'],
    online: ['deleting', 'missing_backend'], // DEL-3, BOOT-22
    // Only a deletion that the array refused takes the mark back (DEL-5).
    deleting: ['online'],
    missing_backend: ['deleting'],
    subordinate: [],
  },
};

export const publicationStates: Machine<PublicationState> = {
  what: 'node',
  next: { clean: ['dirty'], dirty: ['cleanable'], cleanable: ['dirty', 'clean'] }, // NODE-10
};

/** The next state, or the same one. @throws Problem `state.transition` (kind `conflict`) when the table has no such step */
export const transition = <S extends string>(machine: Machine<S>, name: string, from: S, to: S): S => {
  if (from === to || machine.next[from].includes(to)) return to;
  throw new Problem('state.transition', 'conflict', `${machine.what} ${name} cannot go from ${from} to ${to}`);
};

/** What a backend lets be done in its state; a row names the rules it comes from. */
const allowed = {
  // BE-61
  provision: ['online'],
  // BE-62; publishing needs an array that answers
  publish: ['online', 'deleting'],
  // BE-62 as recommended: the offline mark is a hint, so taking things away may be tried
  release: ['online', 'deleting', 'offline'],
} as const satisfies Record<string, readonly BackendState[]>;

const refusals = {
  provision: 'is not Online',
  publish: 'is not Online or Deleting',
  release: 'is not Online or Deleting',
} as const;

/** For hints: what is on record of a backend may be from some time ago. */
export const lookAgain = (name: string): string =>
  `that is how it was found last: \`repair access --backend ${name}\` looks again, and so does \`serve\` by itself`;

/** @throws Problem `backend.state` (kind `conflict`) when the backend's state forbids it */
export const requireBackend = (
  backend: { readonly name: string; readonly state: BackendState; readonly stateReason: string },
  purpose: keyof typeof allowed,
): void => {
  const states: readonly BackendState[] = allowed[purpose];
  if (states.includes(backend.state)) return;
  const state = `its state is ${backend.state}${backend.stateReason === '' ? '' : `: ${backend.stateReason}`}`;
  throw new Problem('backend.state', 'conflict', `backend ${backend.name} ${refusals[purpose]}`, {
    hint: backend.state === 'offline' ? `${state}; ${lookAgain(backend.name)}` : state,
    nothingDone: true,
  });
};

export interface NodeFlags {
  readonly orchestratorReady?: boolean;
  readonly administratorReady?: boolean;
  readonly provisionerReady?: boolean;
}

/** Where a node's publication state goes with these flags (table 19.2); the same state when no row applies. */
export const nextPublicationState = (from: PublicationState, flags: NodeFlags): PublicationState => {
  const { orchestratorReady: o, administratorReady: a, provisionerReady: p } = flags;
  if (o === false && a === false && from !== 'dirty') return 'dirty';
  if (o === true && a === true && from === 'dirty') return 'cleanable';
  if (o === true && a === true && p === true && from === 'cleanable') return 'clean';
  return from;
};
