import { Refusal } from '../core/refusal.ts';

const EXAMPLE = 'An example of a valid NQN is "nqn.1992-01.com.example:string".';

/** NVMe qualified names: `nqn.yyyy-mm.` and something after it. */
export const checkNqn = (nqn: string): void => {
  if (!nqn.startsWith('nqn.'))
    throw new Refusal(400, 72089772, `The NQN "${nqn}" is invalid. Add the prefix "nqn". ${EXAMPLE}`, 'nqn');
  if (!/^nqn\.\d{4}-(0[1-9]|1[0-2])(\.|$)/.test(nqn))
    throw new Refusal(
      400,
      72089773,
      `The NQN "${nqn}" is invalid. The date field must be formatted "yyyy-mm". ${EXAMPLE}`,
      'nqn',
    );
  if (!/^nqn\.\d{4}-\d{2}\.[\x21-\x7e]+$/.test(nqn))
    throw new Refusal(
      400,
      72089771,
      `The NQN "${nqn}" is invalid. A non-empty qualifier is required after the prefix. ${EXAMPLE}`,
      'nqn',
    );
};
