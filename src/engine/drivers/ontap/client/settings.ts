/** How patient the client is. One place, so that tests and operators can turn the same knobs. */
export interface ClientSettings {
  /** Connections kept to one array, and requests under way at once. */
  readonly connections: number;
  /** Seconds for which the array is asked to hold the answer of a change until its job has ended; ONTAP allows 0 to 120. */
  readonly returnTimeoutSeconds: number;
  readonly connectTimeoutMs: number;
  /** One request, from being sent to the end of its body. */
  readonly requestTimeoutMs: number;
  /** A job, from its acceptance to its end. */
  readonly jobTimeoutMs: number;
  /** Repeats of a request that is safe to repeat. */
  readonly retries: number;
  readonly firstRetryDelayMs: number;
  readonly longestRetryDelayMs: number;
  readonly firstJobDelayMs: number;
  readonly longestJobDelayMs: number;
  /** How long something the array said it made may stay invisible, and how long a lost reply is looked for. */
  readonly settleTimeoutMs: number;
  /** Spreads retries; 0 to 1. */
  readonly random: () => number;
}

export const defaultClientSettings: ClientSettings = {
  connections: 32,
  returnTimeoutSeconds: 15,
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  jobTimeoutMs: 120_000,
  retries: 4,
  firstRetryDelayMs: 250,
  longestRetryDelayMs: 6_000,
  firstJobDelayMs: 100,
  longestJobDelayMs: 2_000,
  settleTimeoutMs: 60_000,
  random: Math.random,
};
