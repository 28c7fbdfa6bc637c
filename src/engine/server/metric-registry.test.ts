import { expect, it } from 'vitest';
import { createCounter, createSummary, writeExposition } from './metric-registry.ts';

it('writes families by name, samples with sorted and escaped labels', () => {
  const counter = createCounter('b_total', 'Calls');
  counter.add({ z: 'a"b\\c\nd', a: '1' });
  counter.add({ z: 'a"b\\c\nd', a: '1' });
  const text = writeExposition([
    counter.read(),
    { name: 'a_count', help: 'Things', type: 'gauge', samples: [{ labels: {}, value: 2.5 }] },
    { name: 'none', help: 'Nothing', type: 'gauge', samples: [] },
  ]);
  expect(text).toBe(
    '# HELP a_count Things\n# TYPE a_count gauge\na_count 2.5\n' +
      String.raw`# HELP b_total Calls${'\n'}# TYPE b_total counter${'\n'}b_total{a="1",z="a\"b\\c\nd"} 2${'\n'}`,
  );
});

it('takes quantiles over the last ten minutes, sum and count over all', () => {
  let now = 0;
  const summary = createSummary('t', 'Times', () => now);
  for (let value = 1; value <= 100; value++) summary.observe({ op: 'GET' }, value);
  const values = () => summary.read().samples.map((sample) => sample.value);
  expect(values()).toEqual([50, 90, 99, 5050, 100]);
  now = 600_001;
  expect(values()).toEqual([Number.NaN, Number.NaN, Number.NaN, 5050, 100]);
});
