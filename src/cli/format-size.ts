const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** Half to even, as Go prints decimals. */
const roundHalfEven = (value: number): number => {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
};

/** Bytes as the stock program's tables show them: `512 B`, `1.0 GiB`, `10 GiB` (cli.md §3.12). */
export const humanBytes = (bytes: bigint): string => {
  if (bytes < 10n) return `${bytes} B`;
  const value = Number(bytes);
  const exponent = Math.floor(Math.log(value) / Math.log(1024));
  const scaled = Math.floor((value / 1024 ** exponent) * 10 + 0.5) / 10;
  const text = scaled < 10 ? scaled.toFixed(1) : String(roundHalfEven(scaled));
  return `${text} ${units[exponent] ?? ''}`;
};

const largest = 2n ** 64n - 1n;

/** A volume's size, which is text on the wire: what is no unsigned decimal number shows as `0 B`. */
export const humanSizeText = (size: string): string => {
  if (!/^\d+$/.test(size)) return humanBytes(0n);
  const bytes = BigInt(size);
  return humanBytes(bytes > largest ? largest : bytes);
};
