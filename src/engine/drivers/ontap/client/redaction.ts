export const redacted = '<REDACTED>';

const secretKey = /password|passphrase|secret|private|credential|authorization|token|(?:^|_)key$/i;

/** A copy of a JSON value in which everything under a secret-looking key is replaced. */
export const redactValue = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secretKey.test(key) ? redacted : redactValue(inner)]),
  );
};

/** Replaces known secrets wherever they stand in a text, whatever the key. Very short ones would tear words apart. */
export const redactText = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((done, secret) => (secret.length < 4 ? done : done.replaceAll(secret, redacted)), text);
