/** A sample: labels and value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All samples of one name in the text form of Prometheus (version 0.0.4). */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly samples: readonly (Sample & { readonly suffix?: '_sum' | '_count' })[];
}

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

const escapeLabel = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);

const writeNumber = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
};

const writeSample = (name: string, sample: Family['samples'][number]): string => {
  const labels = Object.entries(sample.labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${escapeLabel(value)}"`)
    .join(',');
  return `${name}${sample.suffix ?? ''}${labels === '' ? '' : `{${labels}}`} ${writeNumber(sample.value)}\n`;
};

/** The exposition document. */
export const writeExposition = (families: readonly Family[]): string =>
  [...families]
    .filter((family) => family.samples.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(
      ({ name, help, type, samples }) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map((sample) => writeSample(name, sample)).join('')}`,
    )
    .join('');

/** Something counted, told apart by labels. */
export interface Counter {
  add(labels: Readonly<Record<string, string>>): void;
  read(): Family;
}

const seriesKey = (labels: Readonly<Record<string, string>>): string => JSON.stringify(labels);

export const createCounter = (name: string, help: string): Counter => {
  const series = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();
  return {
    add: (labels) => {
      const key = seriesKey(labels);
      const one = series.get(key) ?? { labels, value: 0 };
      one.value += 1;
      series.set(key, one);
    },
    read: () => ({ name, help, type: 'counter', samples: [...series.values()] }),
  };
};

/** Something measured: quantiles over the recent past, sum and count since the start. */
export interface Summary {
  observe(labels: Readonly<Record<string, string>>, value: number): void;
  read(): Family;
}

interface SummarySeries {
  readonly labels: Readonly<Record<string, string>>;
  /** The last observations, oldest first, with the time they were made. */
  recent: { readonly at: number; readonly value: number }[];
  sum: number;
  count: number;
}

const quantiles = [0.5, 0.9, 0.99];
/** Quantiles look back this far, as Go's client does, and at no more than so many observations. */
const windowMs = 600_000;
const windowSize = 1000;

const quantileOf = (sorted: readonly number[], quantile: number): number =>
  sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;

const readSeries = (series: SummarySeries, now: number): Family['samples'] => {
  const values = series.recent.filter(({ at }) => at >= now - windowMs).map(({ value }) => value);
  const sorted = values.sort((a, b) => a - b);
  return [
    ...quantiles.map((quantile) => ({
      labels: { ...series.labels, quantile: String(quantile) },
      value: quantileOf(sorted, quantile),
    })),
    { labels: series.labels, value: series.sum, suffix: '_sum' as const },
    { labels: series.labels, value: series.count, suffix: '_count' as const },
  ];
};

export const createSummary = (name: string, help: string, nowMs: () => number): Summary => {
  const all = new Map<string, SummarySeries>();
  return {
    observe: (labels, value) => {
      const key = seriesKey(labels);
      const series = all.get(key) ?? { labels, recent: [], sum: 0, count: 0 };
      series.recent.push({ at: nowMs(), value });
      if (series.recent.length > 2 * windowSize) series.recent = series.recent.slice(-windowSize);
      series.sum += value;
      series.count += 1;
      all.set(key, series);
    },
    read: () => ({
      name,
      help,
      type: 'summary',
      samples: [...all.values()].flatMap((series) => readSeries(series, nowMs())),
    }),
  };
};
