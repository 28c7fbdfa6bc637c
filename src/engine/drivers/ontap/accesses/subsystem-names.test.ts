import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SubsystemNames, isShortened } from './subsystem-names.ts';

const namesFor = (installationUUID: string, asa = false) =>
  new SubsystemNames({
    environment: { installationUUID, context: 'csi' },
    settings: { prefix: 'trident_' },
    facts: { disaggregated: asa, sanOptimized: asa },
  });

const uuid = '99999999-2222-3333-4444-555555555555';
const node = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/);

test('names fit, and two nodes have two of them', () => {
  fc.assert(
    fc.property(fc.uuid(), node, node, fc.boolean(), (installation, a, b, asa) => {
      const names = namesFor(installation, asa);
      const [first, second] = [names.ofNode(a), names.ofNode(b)];
      expect(first.name.length).toBeLessThanOrEqual(64);
      expect(first.comment.length).toBeLessThanOrEqual(255);
      expect(first.name).toMatch(/^[\w.:+=-]+$/);
      if (a !== b) expect(first.name).not.toBe(second.name);
      if (!isShortened(first)) expect(names.kindOf(first)).toBe('node');
    }),
  );
});

test('a name with a slash gives way to a digest', () => {
  const slashed = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  const { name, comment } = namesFor(slashed).ofNode('n'.repeat(30));
  expect(name).toMatch(/^[0-9a-f]{64}$/);
  expect(comment).toBe(`${'n'.repeat(30)}_${slashed}`);
});

test('shared subsystems are told from those of nodes, and from those of others', () => {
  const names = namesFor(uuid);
  expect(names.kindOf(names.shared(12))).toBe('shared');
  expect(names.numberOf(names.shared(12).name)).toBe(12);
  for (const name of [`trident_subsystem_${uuid}_x`, 'trident_subsystem_other_1', 's_trident_pvc_1'])
    expect(names.kindOf({ name, comment: '' })).toBe('other');
  expect(names.kindOf({ name: 'f'.repeat(64), comment: `n1_${uuid}` })).toBe('node');
});

test.each([
  ['pvc-1', 'trident_pvc_1', 's_trident_pvc_1'],
  ['v'.repeat(40), `${'p'.repeat(30)}_${'v'.repeat(40)}`, `s_${'p'.repeat(21)}_${'v'.repeat(40)}`],
])('volume %s had its own subsystem', (name, internalName, expected) => {
  expect(namesFor(uuid).legacy({ name, internalName })).toBe(expected);
  expect(expected.length).toBeLessThanOrEqual(64);
});
