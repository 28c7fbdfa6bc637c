import { parseArgs } from 'node:util';
import { drivers, type BenchDriver } from './drivers.ts';

/** What the words after `npm run bench --` ask for. */
export interface BenchOptions {
  /** Benchmarks, in the order in which they were named; none: all. */
  readonly names: readonly string[];
  readonly drivers: readonly BenchDriver[];
  /** Objects of a row; undefined: as many as the benchmark thinks right for the row. */
  readonly count: number | undefined;
  /** How many operations are under way at once. */
  readonly widths: readonly number[];
  /** Milliseconds that every call of the array takes at least. */
  readonly latencyMs: number;
  /** Milliseconds that every job of the array takes. */
  readonly jobTimesMs: readonly number[];
  /** Objects that are made and deleted before anything is measured; undefined: what that takes a few seconds for. */
  readonly warm: number | undefined;
}

export const usage = `usage: npm run bench -- [BENCHMARK…] [options]
  --driver NAME     ${drivers.map(({ name }) => name).join(', ')}; several with commas; all when absent
  --count N         objects of each row; when absent 1,000, fewer where a row would take long
  --width N,N       operations at once; default 1,8,32
  --latency MS      what every call of the array takes at least; default 20
  --job-time MS,MS  what every job of the array takes; default 0,200
  --warm N          objects made and deleted before the measured ones; when absent up to 4,000, fewer where that
                    would take long
`;

const numbers = (option: string, text: string, least: number): readonly number[] =>
  text.split(',').map((each) => {
    if (!/^\d{1,6}$/.test(each) || Number(each) < least)
      throw new Error(`--${option} takes numbers from ${least}, not ${JSON.stringify(each)}`);
    return Number(each);
  });

const number = (option: string, text: string, least: number): number => {
  const [first = least, ...more] = numbers(option, text, least);
  if (more.length > 0) throw new Error(`--${option} takes one number`);
  return first;
};

const driverOf = (name: string): BenchDriver => {
  const found = drivers.find((driver) => driver.name === name);
  if (found === undefined)
    throw new Error(`no driver is called ${name}; there are ${drivers.map((driver) => driver.name).join(', ')}`);
  return found;
};

/** @throws Error that says what is wrong with the words */
export const readOptions = (argv: readonly string[]): BenchOptions => {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      driver: { type: 'string' },
      count: { type: 'string' },
      width: { type: 'string', default: '1,8,32' },
      latency: { type: 'string', default: '20' },
      'job-time': { type: 'string', default: '0,200' },
      warm: { type: 'string' },
    },
  });
  return {
    names: positionals,
    drivers: values.driver === undefined ? drivers : values.driver.split(',').map(driverOf),
    count: values.count === undefined ? undefined : number('count', values.count, 1),
    widths: numbers('width', values.width, 1),
    latencyMs: number('latency', values.latency, 0),
    jobTimesMs: numbers('job-time', values['job-time'], 0),
    warm: values.warm === undefined ? undefined : number('warm', values.warm, 0),
  };
};
