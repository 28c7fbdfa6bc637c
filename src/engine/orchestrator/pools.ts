import type { BackendRecord, Offer, PoolRecord, Protocol, Topology } from './model.ts';

/** A pool with the backend it belongs to: one place where a volume could go. */
export interface Candidate {
  readonly backend: BackendRecord;
  readonly pool: PoolRecord;
}

export interface PlacementRequest {
  /** Empty when it does not matter. */
  readonly protocol: Protocol | '';
  readonly requisiteTopologies: readonly Topology[];
  readonly preferredTopologies: readonly Topology[];
  /** The class's `nasType` request; undefined or empty: none. */
  readonly nasType: string | undefined;
}

/** Every key that both maps have must be equal (SC-32). */
const compatible = (a: Topology, b: Topology): boolean =>
  Object.entries(a).every(([key, value]) => b[key] === undefined || b[key] === value);

const supports = (pool: PoolRecord, topology: Topology): boolean =>
  pool.supportedTopologies.some((supported) => compatible(supported, topology));

const stringOffer = (offer: Offer | undefined): readonly string[] => (offer?.type === 'string' ? offer.offer : []);

const offersNasType = (pool: PoolRecord, nasType: string): boolean => {
  const wanted = nasType.toLowerCase();
  return (
    ['nfs', 'smb'].includes(wanted) &&
    stringOffer(pool.offers['nasType']).some((offered) => offered.toLowerCase() === wanted)
  );
};

/** Pools that could hold the volume: by protocol, by requisite topology, by NAS type (SC-30 to SC-33). */
export const filterPools = (
  candidates: readonly Candidate[],
  { protocol, requisiteTopologies, nasType }: PlacementRequest,
): readonly Candidate[] =>
  candidates.filter(
    ({ backend, pool }) =>
      (protocol === '' || backend.protocol === protocol) &&
      (requisiteTopologies.length === 0 ||
        pool.supportedTopologies.length === 0 ||
        requisiteTopologies.some((requisite) => supports(pool, requisite))) &&
      (nasType === undefined || nasType === '' || offersNasType(pool, nasType)),
  );

/** Fisher and Yates; `random` answers in [0, 1). */
const shuffle = <T>(items: readonly T[], random: () => number): T[] => {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [shuffled[i], shuffled[j]];
    if (a !== undefined && b !== undefined) [shuffled[i], shuffled[j]] = [b, a];
  }
  return shuffled;
};

/**
 * The order in which pools are tried, over all backends together: for each preferred topology its pools in random
 * order, then the rest in random order; pools without topologies are never preferred (SC-34, SC-38).
 */
export const orderPools = (
  candidates: readonly Candidate[],
  preferred: readonly Topology[],
  random: () => number,
): readonly Candidate[] => {
  const ordered: Candidate[] = [];
  let left = candidates;
  for (const topology of preferred) {
    ordered.push(
      ...shuffle(
        left.filter(({ pool }) => supports(pool, topology)),
        random,
      ),
    );
    left = left.filter(({ pool }) => !supports(pool, topology));
  }
  return [...ordered, ...shuffle(left, random)];
};
