import { notSimulated, Refusal } from './refusal.ts';

/** Bodies of `multipart/form-data`, as strings of which each character is a byte. */

const TYPE = 'multipart/form-data';
const BREAK = '\r\n';

const bad = (why: string) => new Refusal(400, 262199, `The body is not one form entry: ${why}.`);

/** Whether a header names the type. */
export const isMultipart = (header: string | undefined): boolean => /^multipart\//i.test(header ?? '');

/** For what is not about the bytes of a record. */
export const noForms = (): Refusal => notSimulated('A multipart body');

/** The bytes of the only entry of a form. */
export const readForm = (body: string, contentType: string): string => {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw bad('the content type has no boundary');
  const [, ...parts] = `${BREAK}${body}`.split(`${BREAK}--${boundary}`);
  const entries = parts.filter((part) => !part.startsWith('--'));
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw bad(`it has ${entries.length}`);
  const at = entry.indexOf(BREAK + BREAK);
  if (at < 0) throw bad('it has no end of headers');
  return entry.slice(at + 2 * BREAK.length);
};

/** A form with one entry. */
export const writeForm = (name: string, bytes: string): { readonly text: string; readonly type: string } => {
  let boundary = 'part';
  while (bytes.includes(boundary)) boundary += 't';
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="${name}"`,
    'Content-Type: application/octet-stream',
  ];
  return {
    text: [...head, '', bytes, `--${boundary}--`, ''].join(BREAK),
    type: `${TYPE}; boundary=${boundary}`,
  };
};
