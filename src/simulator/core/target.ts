import { Refusal } from './refusal.ts';

/** What a request is sent to, as the rest of the simulator sees it. */
export interface RequestTarget {
  readonly path: string;
  readonly search: string;
}

/** RFC 3986, 5.2.4: `files/..` is what the files are in. Encoded dots (`%2E`) are part of a name. */
const withoutDots = (path: string): string => {
  const kept: string[] = [];
  const segments = path.split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment === '..' && kept.length > 1) kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  }
  return kept.join('/');
};

/** Modules of Ansible put the slash that ends `/api/` before the rest of the path too, and ONTAP answers them. */
const TWICE = '/api//';

/** Path and query of a request; the path without dot segments, and without scheme and host where they were sent too. */
export const splitTarget = (target: string): RequestTarget => {
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '');
  const at = local.indexOf('?');
  const path = at < 0 ? local : local.slice(0, at);
  const whole = path.startsWith(TWICE) ? path.replace(/^\/api\/+/, '/api/') : path;
  return { path: whole.includes('/.') ? withoutDots(whole) : whole, search: at < 0 ? '' : local.slice(at + 1) };
};

/** @throws Refusal for what is not UTF-8 in percent encoding */
export const decodeUrl = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal(400, 39387137, 'The URL is not valid.');
  }
};
