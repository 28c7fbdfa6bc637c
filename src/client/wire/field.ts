/** One kind of value on the wire: how it is read, and when it is empty. */
export interface Field<T> {
  /** What Go would call the type, for messages. */
  readonly typeName: string;
  readonly zero: T;
  /** Absent from objects while empty (`omitempty`). */
  readonly optional: boolean;
  /** Never called with null or undefined. */
  read(value: unknown): T;
  isEmpty(value: T): boolean;
}
export interface OptionalField<T> extends Field<T> {
  readonly optional: true;
}

/** A value of the wrong JSON type; the path is completed while the readers unwind. */
export class Mismatch extends Error {
  readonly found: string;
  readonly wanted: string;
  readonly path: string[] = [];
  owner = '';
  constructor(found: string, wanted: string) {
    super('mismatch');
    this.found = found;
    this.wanted = wanted;
  }
}

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

export const mismatch = (value: unknown, wanted: string): Mismatch =>
  new Mismatch(typeof value === 'number' && wanted === 'int' ? `number ${value}` : kindOf(value), wanted);
