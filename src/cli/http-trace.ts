import type { HttpTrace } from '../client/http.ts';
import type { Terminal } from './terminal.ts';

const hidden = '<REDACTED>';
/** Keys of backend files, of all drivers, and of what nodes log in with, whose values nobody should see. */
const secretKey =
  /password|passphrase|secret|private_?key|api_?key|token|credential|authorization|^(chap|iscsi).*username$/i;
/** `https://user:password@host`, as one driver takes its endpoint. */
const login = /(\/\/)[^/@\s"]+(@)/g;

const hide = (key: string, value: unknown): unknown => {
  if (key !== '' && secretKey.test(key) && value !== '' && value !== null && value !== undefined) return hidden;
  return typeof value === 'string' ? value.replace(login, `$1${hidden}$2`) : value;
};

/** A body as it may be shown: secrets replaced; what is not JSON is only counted, as it cannot be searched. */
export const showBody = (body: string): string => {
  if (body === '') return '';
  try {
    const value: unknown = JSON.parse(body);
    return JSON.stringify(value, hide);
  } catch {
    return `(${body.length} characters that are not JSON)`;
  }
};

/** Shows requests and answers on standard error, for `-d`. */
export const traceHttp =
  (terminal: Terminal): HttpTrace =>
  (message) => {
    const head =
      message.direction === 'request' ? `> ${message.method} ${message.url}` : `< ${message.statusLine} ${message.url}`;
    const body = showBody(message.body);
    terminal.err(body === '' ? `${head}\n` : `${head}\n  ${body}\n`);
  };
