/**
 * World wide names as ONTAP writes them: eight bytes in lower-case hexadecimal with colons, `10:00:00:00:c9:00:00:01`.
 * Undefined for what is none. Hosts write them without colons and with `0x` too.
 */
export const canonicalWwn = (text: string): string | undefined => {
  const digits = text.trim().toLowerCase().replace(/^0x/, '').replaceAll(':', '');
  if (!/^[0-9a-f]{16}$/.test(digits)) return undefined;
  return (digits.match(/../g) ?? []).join(':');
};
