/** What an operation may cost, and what it costs with stock 26.06; `auto`: with autoExportPolicy, where that differs. */
interface Limit {
  readonly bound: number | '-';
  readonly stock: string;
}

export const operationNames = [
  'opening a backend',
  'create',
  'publish, first on a node',
  'publish again',
  'unpublish, last',
  'snapshot',
  'delete a snapshot',
  'clone from a snapshot',
  'resize',
  'delete',
  'import, managed',
  'state poll',
] as const;

export type OperationName = (typeof operationNames)[number];

/** By driver; each row is bounds and stock's counts in the order of the operations. */
const rows: Readonly<Record<string, readonly (readonly [Limit['bound'], string])[]>> = {
  'ontap-nas': [
    [6, '8'],
    [2, 'auto 15'],
    [3, '12'],
    [1, '8'],
    [4, '17'],
    [2, '11'],
    [2, '8'],
    [3, '20'],
    [2, '8'],
    [2, '9'],
    [4, 'auto 18'],
    [2, '5'],
  ],
  'ontap-nas-flexgroup': [
    [6, '10'],
    [2, '14'],
    [3, '6'],
    [1, '?'],
    [4, '?'],
    [2, '11'],
    [2, '8'],
    [3, '16'],
    [2, '7'],
    [2, '8'],
    [4, '7'],
    [2, '?'],
  ],
  'ontap-nas-economy': [
    [6, '16'],
    [3, 'auto 20'],
    [4, '23'],
    [2, '17'],
    [5, '17'],
    [2, '9'],
    [2, '7'],
    ['-', 'refused'],
    [3, '13'],
    [3, '7'],
    [5, '15'],
    [2, '?'],
  ],
  'ontap-san-iscsi': [
    [6, '10; CHAP 13'],
    [2, '15'],
    [4, '19'],
    [1, '14'],
    [3, '7'],
    [2, '11'],
    [2, '8'],
    [3, '11'],
    [3, '11'],
    [2, '9'],
    [4, '11'],
    [2, '?'],
  ],
  'ontap-san-economy': [
    [6, '9'],
    [3, '20'],
    [4, '19'],
    [1, '14'],
    [3, '8'],
    [3, '16'],
    [3, '14'],
    [2, '13'],
    [3, '11'],
    [3, '13'],
    [4, '11'],
    [2, '?'],
  ],
  'ontap-san-nvme': [
    [6, '8'],
    [2, '7'],
    [3, '7'],
    [1, '4'],
    [4, '9'],
    [2, '11'],
    [2, '8'],
    [3, '12'],
    [3, '10'],
    [2, '9'],
    [4, '9'],
    [2, '?'],
  ],
  'asa-r2-iscsi': [
    [6, '7'],
    [1, '10'],
    [4, '19'],
    [1, '14'],
    [3, '7'],
    [2, '8'],
    [2, '7'],
    [2, '7'],
    [2, '4'],
    [2, '3'],
    [4, '?'],
    [2, '?'],
  ],
};

/** The limits of an operation; undefined for a driver that has none. */
export const limitOf = (driver: string, operation: OperationName): Limit | undefined => {
  const [bound, stock] = rows[driver]?.[operationNames.indexOf(operation)] ?? [];
  return bound === undefined || stock === undefined ? undefined : { bound, stock };
};
