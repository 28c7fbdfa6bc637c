/** Stands for a secret, as in stock's answers. */
export const redacted = '<REDACTED>';
