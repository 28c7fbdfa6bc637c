import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandTree, type CommandNode } from '../src/cli/tree.ts';
import { readYaml } from '../src/engine/yaml.ts';
import { parseFaultRules } from '../src/simulator/core/input.ts';
import { notSimulated } from '../src/simulator/resources/not-simulated.ts';
import { parseLabPair } from '../src/simulator/core/lab-pair.ts';
import { parseLab } from '../src/simulator/core/lab.ts';

/** What the page about the simulator shows is what the program takes. */

const page = readFileSync(new URL('../docs/simulator.md', import.meta.url), 'utf8');
const blocks = page
  .split(/\n(?! {4}|\n)/)
  .map((each) => [...each.matchAll(/^ {4}(.*)$|^$/gm)].map((match) => match[1] ?? '').join('\n'));
const blockWith = (start: string) => blocks.find((each) => each.trimStart().startsWith(start)) ?? '';

describe('docs/simulator.md', () => {
  it('shows a topology file', () => {
    const lab = parseLab(readYaml(blockWith('cluster:')), { personality: undefined, version: undefined });
    expect(lab.svms.map(({ name }) => name)).toEqual(['red', 'blue']);
  });

  it('shows a topology file of a pair', () => {
    const pair = parseLabPair(readYaml(blockWith('clusters:')), { personality: undefined, version: undefined });
    expect([pair.first.cluster.name, pair.second.cluster.name]).toEqual(['north', 'south']);
    expect(pair.peers).toEqual([{ first: 'red', second: 'red_copy' }]);
  });

  it('shows a file of faults', () =>
    expect(parseFaultRules(readYaml(blockWith('faults:'))).map(({ name }) => name)).toEqual([
      'slow-lists',
      'lost-create',
      'busy',
    ]));

  it('names words that there are', () => {
    const lines = [...page.matchAll(/^ {4}tridentctl (simulator .*)$/gm)].map((match) => match[1] ?? '');
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) {
      let node: CommandNode | undefined = commandTree;
      const [, ...words] = (line.split('#')[0] ?? '').trim().split(/\s+/);
      node = node.children.find(({ name }) => name === 'simulator');
      for (const word of words) {
        if (node === undefined || node.children.length === 0 || !/^[a-z]+$/.test(word)) break;
        node = node.children.find(({ name }) => name === word);
      }
      expect([line, node?.load !== undefined]).toEqual([line, true]);
    }
  });

  it('names every kind of fault', () => {
    const rules = readFileSync(new URL('../src/simulator/core/fault-rules.ts', import.meta.url), 'utf8');
    for (const [, type = ''] of rules.matchAll(/readonly type: '([a-z-]+)'/g)) expect(page).toContain(`\`${type}\``);
  });

  it('has a page that names every path that is not simulated', () => {
    const differences = readFileSync(new URL('../docs/simulator-differences.md', import.meta.url), 'utf8');
    const [, list = ''] = /answer 501, (.*?)\n- /s.exec(differences) ?? [];
    const named = list.split(/[;:]/).flatMap((part, index, parts) => {
      const root = /`(\/\w+\/)`$/.exec(parts[index - 1]?.trim() ?? '')?.[1] ?? '';
      return [...part.matchAll(/`([^`]+)`/g)].map(([, name = '']) => root + name);
    });
    for (const path of notSimulated) expect(named).toContain(path);
  });

  it('names every flag', async () => {
    const { command } = await import('../src/commands/simulator.ts');
    for (const flag of Object.keys(command.flags)) expect(page).toContain(`--${flag}`);
  });
});
