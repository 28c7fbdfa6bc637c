import { Problem } from '../../engine/problem.ts';

/** @throws Problem when the word is neither */
export const upOrDown = (word: string): 'up' | 'down' => {
  if (word === 'up' || word === 'down') return word;
  throw new Problem('cli.upOrDown', 'usage', `say up or down, not ${JSON.stringify(word)}`);
};
