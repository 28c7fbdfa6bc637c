import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownOperations } from '../src/client/own-operations.ts';

/** The pages for people name what there is, and all of it. */

const tracked = (...patterns: readonly string[]): readonly string[] =>
  execFileSync('git', ['ls-files', ...patterns], { encoding: 'utf8' })
    .split('\n')
    .filter(existsSync);
const text = (file: string): string => readFileSync(file, 'utf8');
const pages = tracked('README.md', 'docs/*.md');

describe('the docs', () => {
  it('link to pages that are there', () => {
    const broken = pages.flatMap((page) =>
      [...text(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !existsSync(join(dirname(page), target)))
        .map((target) => `${page} -> ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name every route that stock does not have', () => {
    const added = /^Added, and never in the way[^]*/m.exec(text('docs/differences.md'))?.[0] ?? '';
    const named = [...added.matchAll(/`(?:[A-Z]+ )?(\/[^`]+)`/g)].map((match) => match[1] ?? '');
    const routes = Object.values(ownOperations).map(({ path }) => path);
    const isNamed = (path: string) => named.some((start) => path === start || path.startsWith(`${start}/`));
    expect(routes.filter((path) => !isNamed(path))).toEqual([]);
  });

  it('name every variable of the environment that is ours', () => {
    const said = pages.map(text).join('\n');
    const sources = tracked('src/*.ts').filter((file) => !file.endsWith('.test.ts'));
    const ours = sources.flatMap((file) => text(file).match(/(?<=')TRIDENT(?:CTL)?_[A-Z_]+(?=')/g) ?? []);
    expect(ours.length).toBeGreaterThan(4);
    expect(ours.filter((name) => !said.includes(`\`${name}`))).toEqual([]);
  });
});
