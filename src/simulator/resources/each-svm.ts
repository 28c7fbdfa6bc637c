import type { Resource } from '../core/declaration.ts';
import type { Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

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
  inside: [{ kind: 'svm', field: 'svm' }],
});
