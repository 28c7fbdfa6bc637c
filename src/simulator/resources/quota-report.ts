import type { Fields, Resource } from '../core/declaration.ts';
import { findText, integer, objects, text, type Entry, type Stored } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { isRootQtree, qtreesOf } from './qtree.ts';
import { isQuotaOn, quotaState, rulesOf } from './quota-state.ts';

const REPORT = 'quota_report';

/** Beyond what a double holds exactly; the number of a qtree stands in the upper half, as in recordings of real systems. */
const FIRST_INDEX = 2n ** 61n;
const KIND_STEP = 2n ** 48n;
const TARGET_STEP = 2n ** 32n;

/** What is going and still there. */
interface Leaving {
  readonly rule?: string;
  readonly qtree?: string;
}

interface Row {
  readonly key: string;
  readonly index: bigint;
  readonly values: Readonly<Record<string, Stored | undefined>>;
}

const usersIn = (rule: Entry): readonly string[] =>
  objects(rule, 'users').map((user) => text(user, 'name') || text(user, 'id'));

/** A number for the name of a user or group, the same whatever else is there. */
const numberOf = (name: string): bigint => {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 0x7fff;
  return BigInt(hash);
};

/** A row per qtree that a rule covers. */
const treeRows = (rules: readonly Entry[], qtrees: readonly Entry[]): readonly Row[] => {
  const byDefault = rules.find((rule) => rule['$qtree'] === undefined);
  const rows = qtrees.flatMap((qtree): Row[] => {
    const rule = rules.find((each) => each['$qtree'] === qtree.$id) ?? byDefault;
    if (!rule || isRootQtree(qtree)) return [];
    const id = integer(qtree, 'id');
    return [
      {
        key: `tree/${id}`,
        index: FIRST_INDEX + BigInt(id) * TARGET_STEP,
        values: { $rule: rule.$id, $qtree: qtree.$id },
      },
    ];
  });
  const standard: Row[] = byDefault
    ? [{ key: 'tree/*', index: FIRST_INDEX, values: { $rule: byDefault.$id, $default: true } }]
    : [];
  return [...standard, ...rows];
};

/** A row per rule for users or groups. */
const accountRow = (rule: Entry): Row => {
  const type = text(rule, 'type');
  const names = type === 'user' ? usersIn(rule) : [text(rule, 'group.name') || text(rule, 'group.id')];
  const target = `${text(rule, '$qtree')}/${names.join(',')}`;
  const step = type === 'user' ? KIND_STEP : KIND_STEP * 2n;
  return {
    key: `${type}/${target}`,
    index: FIRST_INDEX + step + numberOf(target) * TARGET_STEP,
    values: { $rule: rule.$id, $qtree: rule['$qtree'], ...(names.join('') === '' ? { $default: true } : {}) },
  };
};

/** Makes the reports of a volume what its rules and qtrees say; without quotas there are none. */
const syncReports = (volume: string, world: World, leaving: Leaving): void => {
  const entry = world.store.find('volume', volume);
  const rules = rulesOf(volume, world).filter((rule) => rule.$id !== leaving.rule);
  const qtrees = qtreesOf(volume, world).filter((qtree) => qtree.$id !== leaving.qtree);
  const rows =
    entry && isQuotaOn(entry)
      ? [
          ...treeRows(
            rules.filter((rule) => rule['type'] === 'tree'),
            qtrees,
          ),
          ...rules.filter((rule) => rule['type'] !== 'tree').map(accountRow),
        ]
      : [];
  const wanted = new Set(rows.map(({ key }) => `${volume}/${key}`));
  for (const report of world.store.by(REPORT, 'volume', volume))
    if (!wanted.has(report.$id)) world.store.remove(REPORT, report.$id);
  for (const { key, index, values } of rows) {
    const $id = `${volume}/${key}`;
    const before = world.store.find(REPORT, $id);
    if (before && before['$rule'] === values['$rule']) continue;
    world.store.put(REPORT, { ...values, $id, index, volume, svm: entry && text(entry, 'svm') });
  }
};

const ruleOf = (report: Entry, world: World) => world.store.find('quota_rule', text(report, '$rule'));
const qtreeOf = (report: Entry, world: World) => world.store.find('qtree', findText(report, '$qtree'));

/** Bytes that a qtree may hold; undefined: no rule limits it, or quotas are off. */
export const hardLimit = (qtree: Entry, volume: Entry, world: World): number | undefined => {
  if (quotaState(volume, world) !== 'on') return undefined;
  const report = world.store.find(REPORT, `${volume.$id}/tree/${integer(qtree, 'id')}`);
  const rule = report && ruleOf(report, world);
  return rule && typeof rule['space.hard_limit'] === 'number' ? rule['space.hard_limit'] : undefined;
};

const limit = (path: string): Fields => ({
  [path]: readOnly('size', { compute: (report, world) => ruleOf(report, world)?.[path] }),
});

const usedOf = (kind: 'space' | 'files', report: Entry, world: World): number => {
  const qtree = report['$default'] === true ? undefined : qtreeOf(report, world);
  // A qtree is itself a directory with one inode.
  return qtree ? integer(qtree, kind === 'space' ? '$used' : '$files') + (kind === 'files' ? 1 : 0) : 0;
};

const usage = (kind: 'space' | 'files'): Fields => {
  const percent = (of: 'hard' | 'soft') =>
    readOnly('integer', {
      compute: (report, world) => {
        const allowed = integer(ruleOf(report, world) ?? report, `${kind}.${of}_limit`);
        return allowed === 0 || report['$default'] === true
          ? undefined
          : Math.floor((usedOf(kind, report, world) * 100) / allowed);
      },
    });
  return {
    ...limit(`${kind}.hard_limit`),
    ...limit(`${kind}.soft_limit`),
    [`${kind}.used.total`]: readOnly('size', { compute: (report, world) => usedOf(kind, report, world) }),
    [`${kind}.used.hard_limit_percent`]: percent('hard'),
    [`${kind}.used.soft_limit_percent`]: percent('soft'),
  };
};

/** `/storage/quota/reports`: what the rules allow and what is used, while quotas are on. */
export const quotaReport: Resource = {
  kind: REPORT,
  path: '/storage/quota/reports',
  keys: ['volume.uuid', 'index'],
  order: ['volume', 'index'],
  personalities: ['unified', 'asa', 'afx'],
  fields: {
    svm: { kind: 'ref', to: 'svm', write: 'never', key: true },
    volume: { kind: 'ref', to: 'volume', write: 'never', key: true },
    index: readOnly('integer', { key: true }),
    type: readOnly('enum', {
      values: ['tree', 'user', 'group'],
      compute: (report, world) => ruleOf(report, world)?.['type'],
    }),
    'qtree.id': readOnly('integer', { compute: (report, world) => qtreeOf(report, world)?.['id'] }),
    'qtree.name': readOnly('string', { compute: (report, world) => qtreeOf(report, world)?.['name'] }),
    users: {
      kind: 'objects',
      write: 'never',
      of: { id: { kind: 'string' }, name: { kind: 'string' } },
      compute: (report, world) => ruleOf(report, world)?.['users'],
    },
    'group.id': readOnly('string', { compute: (report, world) => ruleOf(report, world)?.['group.id'] }),
    'group.name': readOnly('string', { compute: (report, world) => ruleOf(report, world)?.['group.name'] }),
    ...usage('space'),
    ...usage('files'),
  },
  indexes: ['svm', 'volume', '$qtree'],
  parameters: { get: ['show_default_records'] },
  hides: (report, world, parameters) => {
    const volume = world.store.find('volume', text(report, 'volume'));
    if (volume && quotaState(volume, world) === 'initializing') return true;
    return report['$default'] === true && parameters['show_default_records']?.toLowerCase() === 'false';
  },
  inside: [
    { kind: 'volume', field: 'volume' },
    { kind: 'qtree', field: '$qtree' },
  ],
  reactions: [
    {
      to: 'quota_rule',
      created: (rule, { world }) => syncReports(text(rule, 'volume'), world, {}),
      removed: (rule, { world }) => syncReports(text(rule, 'volume'), world, { rule: rule.$id }),
    },
    {
      to: 'qtree',
      created: (qtree, { world }) => syncReports(text(qtree, 'volume'), world, {}),
      removed: (qtree, { world }) => syncReports(text(qtree, 'volume'), world, { qtree: qtree.$id }),
    },
    {
      to: 'volume',
      modified: (after, before, { world }) => {
        if (isQuotaOn(after) !== isQuotaOn(before)) syncReports(after.$id, world, {});
      },
    },
  ],
};
