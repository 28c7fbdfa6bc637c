import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { propertyRuns } from '../../../test/support/property-runs.ts';
import type { Entry } from './entry.ts';
import { Store } from './store.ts';

const KIND = 'thing';

interface Put {
  readonly type: 'put';
  readonly id: string;
  readonly name: string;
  readonly group: string | undefined;
}

/** What may be done to a store; work inside a transaction may be taken back. */
type Step =
  | Put
  | { readonly type: 'again' | 'remove'; readonly id: string }
  | { readonly type: 'read' | 'clear' }
  | { readonly type: 'keep' | 'fail' | 'rehearse'; readonly steps: readonly Step[] };

const id = fc.constantFrom('1', '2', '3', '4', '5', '6');
const letter = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      type: fc.constant('put' as const),
      id,
      name: letter,
      group: fc.option(letter, { nil: undefined }),
    }),
    fc.record({ type: fc.constantFrom('again' as const, 'remove' as const), id }),
    fc.record({ type: fc.constantFrom('read' as const, 'read' as const, 'clear' as const) }),
    fc.record({
      type: fc.constantFrom('keep' as const, 'fail' as const, 'rehearse' as const),
      steps: fc.array(tie('step'), { maxLength: 6 }),
    }),
  ),
})).step;

const inOrder = (entries: Iterable<Entry>): readonly Entry[] => {
  const key = ({ name, $id }: Entry) => `${String(name)}/${$id}`;
  return [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

const checkSame = (store: Store, model: ReadonlyMap<string, Entry>) => {
  const all = inOrder(model.values());
  expect(store.all(KIND)).toEqual(all);
  for (const group of ['a', 'b', 'c'])
    expect(store.by(KIND, 'group', group)).toEqual(all.filter((entry) => entry['group'] === group));
};

class Thrown extends Error {}

/** Does the same to the store and to the model, which is copied where something may be taken back. */
const take = (steps: readonly Step[], store: Store, given: ReadonlyMap<string, Entry>): ReadonlyMap<string, Entry> => {
  let model = given;
  for (const each of steps) model = takeOne(each, store, new Map(model));
  return model;
};

const takeOne = (each: Step, store: Store, model: Map<string, Entry>): ReadonlyMap<string, Entry> => {
  switch (each.type) {
    case 'put': {
      const entry: Entry = {
        name: each.name,
        ...(each.group === undefined ? {} : { group: each.group }),
        $id: each.id,
      };
      store.put(KIND, entry);
      return model.set(each.id, entry);
    }
    case 'again': {
      const entry = store.find(KIND, each.id);
      if (entry) store.put(KIND, entry);
      return model;
    }
    case 'remove':
      if (model.delete(each.id)) store.remove(KIND, each.id);
      return model;
    case 'clear':
      store.clear();
      return new Map();
    case 'read':
      checkSame(store, model);
      return model;
    case 'keep':
      return store.transaction(() => take(each.steps, store, model));
    case 'rehearse':
      store.rehearse(() => take(each.steps, store, model));
      return model;
    case 'fail':
      expect(() =>
        store.transaction(() => {
          take(each.steps, store, model);
          throw new Thrown();
        }),
      ).toThrow(Thrown);
      return model;
  }
};

it('has its records in order, all of them and by a member, whatever was put, removed and taken back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const store = new Store([{ kind: KIND, indexes: ['group'], order: ['name'], unique: [] }]);
      checkSame(store, take(steps, store, new Map()));
    }),
    propertyRuns(1000),
  );
});
