import type { Resource, Unique } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

const inside = [{ kind: 'svm', field: 'svm' }];

/** Records of which an SVM has one at most, and by which they are known. */
export const onePerSvm = (
  refusal: Unique['refusal'],
): Required<Pick<Resource, 'indexes' | 'unique' | 'identify' | 'inside'>> => ({
  indexes: ['svm'],
  unique: [{ fields: ['svm'], refusal }],
  identify: (draft) => text(draft, 'svm'),
  inside,
});

/** Records of a kind that each SVM has from its first moment. */
export const inEachSvm = (
  kind: string,
  make: (svm: Entry, world: World) => readonly Entry[],
): Required<Pick<Resource, 'seed' | 'reactions' | 'inside'>> => ({
  seed: (_, world) => world.store.all('svm').flatMap((svm) => make(svm, world)),
  reactions: [
    {
      to: 'svm',
      created: (svm, { world }) => {
        for (const entry of make(svm, world)) world.store.put(kind, entry);
      },
    },
  ],
  inside,
});
