/**
 * Control characters would act on the terminal: those of names and of other programs' answers are shown as the symbols
 * Unicode has for them. Line feeds and tabs stay.
 */
export const harmless = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]/gu, (c) => {
    const code = c.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
