import { isAddressable } from '../engine/object-names.ts';
import { Problem } from '../engine/problem.ts';

/**
 * Fills the parameters of a path in. Names are percent-encoded whole, so a name cannot change which object is meant.
 * @throws Problem `request.name` of kind `usage` for a name that no path can carry: empty, with a slash, `.` or `..`
 */
export const fillPath = (template: string, params: Readonly<Record<string, string>>): string =>
  template.replace(/\{([^}]+)\}/g, (_whole, parameter: string) => {
    const name = params[parameter] ?? '';
    if (!isAddressable(name)) {
      const fault = name === '' ? 'is empty' : `${JSON.stringify(name)} cannot be addressed`;
      throw new Problem('request.name', 'usage', `the name of the ${parameter} ${fault}`, {
        nothingDone: true,
        ...(name === '' ? {} : { hint: 'names that are ".", ".." or contain "/" have no place in a path' }),
      });
    }
    return encodeURIComponent(name);
  });

/** `?a=b&c=d`, or nothing. */
export const queryText = (query: Readonly<Record<string, string>>): string => {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
};
