import type { OntapBackend } from '../backend.ts';

/** ONTAP rounds the sizes of FlexVols up to whole blocks of this size. */
const poolBlockBytes = 64 * 1024;

/**
 * Sets the size of a FlexVol that volumes share, and remembers what it has then.
 * @param look at its size on the array
 * @throws Problem when the array refuses the size
 */
export const resizePool = async (
  backend: OntapBackend,
  pool: { readonly uuid: string; readonly name: string; size: number },
  target: number,
  look: (signal: AbortSignal) => Promise<{ readonly size: number }>,
  signal: AbortSignal,
): Promise<void> => {
  const outcome = await backend.change(
    {
      method: 'PATCH',
      path: `/storage/volumes/${pool.uuid}`,
      body: { size: target },
      job: 'byPath',
      done: async (inner) => {
        const { size } = await look(inner);
        return size >= target && size - target < poolBlockBytes;
      },
    },
    signal,
  );
  if (outcome.kind === 'ok') {
    pool.size = target;
    return;
  }
  // ONTAP makes no volume smaller than what it holds; a larger one is as good.
  if (outcome.kind === 'refused' && pool.size > target) {
    const { size } = await look(signal);
    pool.size = size;
    if (size >= target) return;
  }
  throw backend.problem(outcome, `resizing FlexVol ${pool.name} to ${target} bytes`);
};
