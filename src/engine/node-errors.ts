/** What errors of Node say: of files, processes and connections. */

/** A property of an error that holds text; empty where it has none. */
export const errorField = (error: unknown, name: 'code' | 'syscall' | 'message'): string => {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
};

/** `ENOENT`, `EADDRINUSE`, `CERT_HAS_EXPIRED`; empty for an error without a code. */
export const errorCode = (error: unknown): string => errorField(error, 'code');

const trustCodes =
  /^(?:DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS_CERT|ERR_SSL_|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/** True for failures of the TLS handshake and of certificate checks. */
export const isTrustError = (error: unknown): boolean => trustCodes.test(errorCode(error));
