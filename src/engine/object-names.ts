import { Problem } from './problem.ts';

/** Whether a path of the REST API can carry the name: an object of any other name could be neither read nor deleted. */
export const isAddressable = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('/');

/**
 * Refuses a name for a new object that nothing could address afterwards. A name that is left out is not its business.
 * @param what for the message, `storage class`
 * @param key where the request says the name
 * @throws Problem `name.unaddressable` (kind `invalid`)
 */
export const requireAddressable = (what: string, name: string, key: string): void => {
  if (name === '' || isAddressable(name)) return;
  throw new Problem('name.unaddressable', 'invalid', `${JSON.stringify(name)} cannot be the name of a ${what}`, {
    hint: 'names that are ".", ".." or contain "/" have no place in a path',
    path: [key],
    nothingDone: true,
  });
};
