/**
 * How often a property is tried, and from where. fast-check says the seed of a failure, with which it can be seen again:
 * `PROPERTY_SEED=-123 npx vitest run test/simulator/invariants.test.ts`; to look longer than usual:
 * `PROPERTY_RUNS=3000 npx vitest run test/simulator --testTimeout 3600000`.
 */
export const propertyRuns = (runs: number, seed?: number): { readonly numRuns: number; readonly seed?: number } => {
  const wanted = process.env['PROPERTY_SEED'];
  const from = wanted === undefined ? seed : Number(wanted);
  return { numRuns: Number(process.env['PROPERTY_RUNS'] ?? runs), ...(from === undefined ? {} : { seed: from }) };
};

/** How many milliseconds a property may take: far more than usual where it is tried more often. */
export const patience = (milliseconds: number): number =>
  process.env['PROPERTY_RUNS'] === undefined ? milliseconds : milliseconds * 60;
