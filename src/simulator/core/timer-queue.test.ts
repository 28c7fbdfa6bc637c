import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TimerQueue, type Timer } from './timer-queue.ts';

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('add' as const), at: fc.nat(20) }),
    fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }),
    fc.record({ do: fc.constant('run' as const) }),
  ),
  { maxLength: 400 },
);

it('gives the timers that were not cancelled in the order of time, and of their setting', () => {
  fc.assert(
    fc.property(steps, (wanted) => {
      const queue = new TimerQueue();
      let model: Timer[] = [];
      const first = () => model.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
      const drop = (timer: Timer | undefined) => {
        if (!timer) return;
        queue.cancel(timer);
        model = model.filter((each) => each !== timer);
      };
      for (const [order, step] of wanted.entries()) {
        if (step.do === 'add') {
          const timer = { at: step.at, order, run: () => undefined };
          queue.add(timer);
          model.push(timer);
        } else if (step.do === 'cancel') drop(model[step.which % Math.max(1, model.length)]);
        else drop(queue.next());
        expect(queue.next()).toBe(first());
      }
    }),
  );
});
