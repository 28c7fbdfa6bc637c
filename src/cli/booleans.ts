const booleans: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false])),
};

/** The texts that Trident reads as true or false; undefined for any other. */
export const parseBoolean = (text: string): boolean | undefined =>
  Object.hasOwn(booleans, text) ? booleans[text] : undefined;

/** The stock program's complaint about a text that is not a boolean. */
export const notBoolean = (text: string): string =>
  `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;

/** What to do, since that complaint tells nobody. */
export const booleanHint = 'write true or false';
