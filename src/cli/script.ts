/** Text of a shell script as it stands; only `\${` and a back tick need a backslash, which the script does not get. */
export const script = (text: TemplateStringsArray): string => text.raw.join('').replaceAll(/\\(?=`|\$\{)/g, '');
