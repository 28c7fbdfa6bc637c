import { expect, it } from 'vitest';
import { eitherSignal } from './either-signal.ts';

it.each(['one', 'other'] as const)('aborts with the reason of the %s that aborts first, and only once', (first) => {
  const sources = { one: new AbortController(), other: new AbortController() };
  using either = eitherSignal(sources.one.signal, sources.other.signal);
  let times = 0;
  either.signal.addEventListener('abort', () => (times += 1));
  expect(either.signal.aborted).toBe(false);
  sources[first].abort(new Error(first));
  sources[first === 'one' ? 'other' : 'one'].abort(new Error('later'));
  expect([either.signal.reason, times]).toEqual([new Error(first), 1]);
});

it('is aborted from the start where one of them is', () => {
  const gone = AbortSignal.abort(new Error('gone'));
  using before = eitherSignal(gone, new AbortController().signal);
  using behind = eitherSignal(new AbortController().signal, gone);
  expect([before.signal.reason, behind.signal.reason]).toEqual([new Error('gone'), new Error('gone')]);
});

it('hears nothing more when it is disposed', () => {
  const source = new AbortController();
  const either = eitherSignal(source.signal, new AbortController().signal);
  either[Symbol.dispose]();
  source.abort();
  expect(either.signal.aborted).toBe(false);
});
