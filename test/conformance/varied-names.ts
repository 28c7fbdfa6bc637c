import { seededRandom } from '../support/seeded-random.ts';
import { Bench } from './driver-bench.ts';

/** A bench whose driver draws names that differ: a second shared FlexVol needs one of its own. */
export const openVaried: typeof Bench.open = (under, options = {}) =>
  Bench.open(under, { ...options, settings: { random: seededRandom(7), ...options.settings } });
