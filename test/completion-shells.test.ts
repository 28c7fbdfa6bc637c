import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './support/run-cli.ts';
import { canType, findProgram, typeLines, type Session } from './support/shell-session.ts';

/** The scripts of `completion`, in the shells that they are for, as far as those are on this machine. */

const bin = join(import.meta.dirname, '..', 'bin', 'tridentctl.js');
/** Names that mean something to a shell; what would run leaves a file. */
const odd = [
  "it's",
  '$(touch ran)',
  '$HOME',
  'a b',
  'a:b',
  'a@b',
  'a=b',
  'q"q',
  'back\\slash',
  'star*',
  '[x]',
  '{x,y}',
  '~home',
  '#hash',
  '!bang',
  '`touch ran`',
  'semi;x',
  '&',
  '=ls',
  ':5',
  'ünï',
];
let folder = '';
let environment: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'));
  environment = { HOME: folder, PATH: `${join(folder, 'bin')}:/usr/bin:/bin:/usr/local/bin` };
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'tridentctl'), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`);
  await chmod(join(folder, 'bin', 'tridentctl'), 0o755);
  const pools = { gold: { attributes: { snapshots: { offer: true } }, sizeBytes: 1e12 } };
  const backend = { version: 1, storageDriverName: 'fake', backendName: 'fake:1', pools };
  await writeFile(join(folder, 'fake.json'), JSON.stringify(backend));
  for (const line of [
    ['create', 'backend', '-f', 'fake.json'],
    ['create', 'storageclass', 'gold', '--attribute', 'backendType=fake'],
    ['create', 'volume', 'v1', '--size', '1Gi', '--storage-class', 'gold'],
    ...[...odd, '-dash', 'two\nlines'].map((name) => [
      'create',
      'sc',
      '--attribute',
      'media=ssd',
      '--state-dir=odd',
      '--',
      name,
    ]),
  ])
    expect(await runCli(line, { directory: folder })).toMatchObject({ exit: 0 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const scriptFor = async (shell: string): Promise<string> =>
  (await runCli(['completion', shell], { directory: folder })).stdout;

/** The words of a line, as the shell reads them that it was typed into. */
const wordsOf = (shell: string, line: string): readonly string[] => {
  const arguments_ = line.replace(/^tridentctl/, '');
  const { stdout } = spawnSync(shell, ['-c', `printf '%s\\n' ${arguments_}`], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  });
  return stdout.trimEnd().split('\n');
};
const didNotRun = () => expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout).not.toContain('ran\n');

/** What was typed, and what it is after the key that completes. */
const completed: readonly (readonly [typed: string, line: string])[] = [
  ['tridentctl get vol', 'tridentctl get volume '],
  ['tridentctl get volume --state-d', 'tridentctl get volume --state-dir '],
  ['tridentctl get volumes ', 'tridentctl get volumes v1 '],
  ['tridentctl get backend fake:', 'tridentctl get backend fake:1 '],
  ['tridentctl -ojson get volume -ow', 'tridentctl -ojson get volume -owide '],
  ['tridentctl get volume --output=w', 'tridentctl get volume --output=wide '],
  ['tridentctl create volume x --storage-class ', 'tridentctl create volume x --storage-class gold '],
  ['tridentctl simulator --print-backend ontap-n', 'tridentctl simulator --print-backend ontap-nas'],
  ['tridentctl help completion z', 'tridentctl help completion zsh '],
  ['tridentctl create backend -f fa', 'tridentctl create backend -f fake.json '],
  ['tridentctl create backend --filename=fa', 'tridentctl create backend --filename=fake.json '],
  ['tridentctl get volume > fa', 'tridentctl get volume > fake.json '],
  ['tridentctl get volume 2>/dev/null ', 'tridentctl get volume 2>/dev/null v1 '],
  ['tridentctl get volume nothing', 'tridentctl get volume nothing'],
  ['tridentctl get node ', 'tridentctl get node '],
  ['tridentctl --state-dir none get volume ', 'tridentctl --state-dir none get volume '],
  ['tridentctl --state-dir fake.json get volume ', 'tridentctl --state-dir fake.json get volume '],
  ['tridentctl --state-dir ~/odd get sc go', 'tridentctl --state-dir ~/odd get sc go'],
  ['tridentctl --state-dir ~/odd get sc bac', 'tridentctl --state-dir ~/odd get sc back\\\\slash '],
  ['tridentctl --state-dir "$HOME/odd" get sc a\\ ', 'tridentctl --state-dir "$HOME/odd" get sc a\\ b '],
  ["tridentctl --state-dir=odd get sc 'a ", "tridentctl --state-dir=odd get sc 'a b' "],
  ['tridentctl --state-dir=odd get sc "a ', 'tridentctl --state-dir=odd get sc "a b" '],
  ["tridentctl --state-dir=odd get sc 'it", "tridentctl --state-dir=odd get sc 'it'\\''s' "],
  ['tridentctl --state-dir=odd get sc "q', 'tridentctl --state-dir=odd get sc "q\\"q" '],
  ['tridentctl --state-dir=odd get sc "\\$H', 'tridentctl --state-dir=odd get sc "\\$HOME" '],
  ['tridentctl --state-dir=odd get sc \\[', 'tridentctl --state-dir=odd get sc \\[x\\] '],
  ['tridentctl --state-dir=odd get sc a@', 'tridentctl --state-dir=odd get sc a@b '],
  [
    'tridentctl --state-dir=odd get sc "$(touch ran)" bac',
    'tridentctl --state-dir=odd get sc "$(touch ran)" back\\\\slash ',
  ],
  ['tridentctl --state-dir=odd get sc -- -', 'tridentctl --state-dir=odd get sc -- -dash '],
  ['bin/tridentctl get volume ', 'bin/tridentctl get volume v1 '],
  ['FOO=1 tridentctl get volume ', 'FOO=1 tridentctl get volume v1 '],
  ['t get volume ', 't get volume v1 '],
];
/** What zsh itself writes otherwise. */
const completedByBash: typeof completed = [
  ["tridentctl --state-dir=odd get sc 'it'\\''", "tridentctl --state-dir=odd get sc 'it'\\''s' "],
  ["tridentctl --state-dir=odd get sc ''a\\ ", 'tridentctl --state-dir=odd get sc a\\ b '],
];

const starts = {
  bash: async () => `${await scriptFor('bash')}alias t=tridentctl; complete -F _tridentctl t`,
  zsh: async () => `autoload -Uz compinit; compinit -u -D\n${await scriptFor('zsh')}compdef t=tridentctl`,
};

describe.each(['bash', 'zsh'] as const)('%s', (shell) => {
  const here = canType(shell);
  const session = async (press: Session['press']): Promise<Session> => ({
    shell,
    start: await starts[shell](),
    directory: folder,
    environment,
    press,
  });

  it.skipIf(!here)('completes what is typed (skipped where the shell or a terminal for it is missing)', async () => {
    const lines = shell === 'bash' ? [...completed, ...completedByBash] : completed;
    const found = await typeLines(
      await session('tab'),
      lines.map(([typed]) => typed),
    );
    expect(lines.map(([typed], index) => [typed, found[index]])).toEqual(lines);
    didNotRun();
  });

  it.skipIf(!here)(
    'puts names on the line so that it reads them as they are (skipped where it is missing)',
    async () => {
      const [line = ''] = await typeLines(await session('all'), ['tridentctl --state-dir=odd get sc ']);
      expect(wordsOf(findProgram(shell) ?? '', line).toSorted()).toEqual(
        ['--state-dir=odd', 'get', 'sc', ...odd].toSorted(),
      );
      didNotRun();
    },
  );
});

const bash = findProgram('bash');

// Two lines, and what the package bash-completion gives after sudo.
it.skipIf(bash === undefined).each([
  ['tridentctl --state-dir=odd get \\\n sc bac', 'bac', 'back\\\\slash'],
  ['tridentctl --state-dir=odd get sc a:', ':', 'b'],
  ["tridentctl --state-dir=odd get sc 'a ", "'a ", 'a b'],
  ["tridentctl --state-dir=odd get sc 'it'\\''", "'it'\\''", 's'],
  ['tridentctl --state-dir=odd get sc bac', 'bac', 'back\\\\slash'],
])(
  'the script for bash, called with %j and %j, answers %j (skipped where bash is missing)',
  async (line, word, answer) => {
    const call = `COMP_LINE="$1" COMP_POINT=\${#1}; _tridentctl tridentctl "$2"; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync(bash ?? '', ['-c', (await scriptFor('bash')) + call, 'bash', line, word], {
      cwd: folder,
      env: { ...environment, LANG: 'C.UTF-8' },
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: `${answer}\n`, stderr: '' });
  },
);

/** Names that a script declares for itself: it has to know the variables that its user has of these names. */
const declaredIn = (text: string): readonly string[] =>
  [...text.matchAll(/^ +local(?: -a)? (.*)$/gm)]
    .flatMap(([, rest = '']) => [...rest.matchAll(/(?:^| )([A-Za-z_]\w*)(?==| |$)/g)])
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('__tridentctl_'));

it.skipIf(bash === undefined)(
  'the script for bash knows the variables of its user, whatever they are named (skipped where bash is missing)',
  async () => {
    const program = join(folder, 'bin', 'asked');
    await writeFile(program, `#!/bin/sh\necho "$*" >> "${join(folder, 'asked')}"\necho :4\n`);
    await chmod(program, 0o755);
    const script = await scriptFor('bash');
    const names = declaredIn(script);
    expect(names).toContain('line');
    const typed = names.map((name) => {
      const line = `'${program} \\$${name} "$${name}" \${${name}}x '`;
      return `${name}='of ${name}'; COMP_LINE=${line}; COMP_POINT=\${#COMP_LINE}; _tridentctl tridentctl ''`;
    });
    const { stderr } = spawnSync(bash ?? '', ['-c', script + typed.join('\n')], {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const asked = (await readFile(join(folder, 'asked'), 'utf8')).split('\n').slice(0, -1);
    expect(asked).toEqual(names.map((name) => `__complete $${name} of ${name} of ${name}x `));
  },
);

describe.skipIf(!canType('zsh'))('zsh (skipped where it is missing)', () => {
  const typed = (start: string) =>
    typeLines({ shell: 'zsh', start, directory: folder, environment, press: 'tab' }, [
      'tridentctl get vol',
      'tridentctl get volume ',
    ]);

  it('knows the variables of its user, whatever they are named', async () => {
    // What calls the script, zsh's own, has a `line` itself.
    const names = declaredIn(await scriptFor('zsh')).filter((name) => name !== 'line');
    expect(names).toContain('given');
    const start = `${await starts.zsh()}\n${names.map((name) => `${name}=odd`).join('; ')}`;
    const lines = names.map((name) => `tridentctl --state-dir $${name} get sc bac`);
    expect(await typeLines({ shell: 'zsh', start, directory: folder, environment, press: 'tab' }, lines)).toEqual(
      lines.map((line) => `${line.slice(0, -3)}back\\\\slash `),
    );
  });

  it('takes the script as a file of its own functions', async () => {
    await mkdir(join(folder, 'functions'));
    await writeFile(join(folder, 'functions', '_tridentctl'), await scriptFor('zsh'));
    const start = `fpath=('${join(folder, 'functions')}' $fpath); autoload -Uz compinit; compinit -u -D`;
    expect(await typed(start)).toEqual(['tridentctl get volume ', 'tridentctl get volume v1 ']);
  });

  it('says what is missing where its completion is not loaded', async () => {
    const { status, stdout, stderr } = spawnSync(findProgram('zsh') ?? '', ['-f'], {
      input: await scriptFor('zsh'),
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: '',
      stderr: 'tridentctl: to complete words, zsh needs the line "autoload -Uz compinit; compinit" before this one\n',
    });
  });
});

const fish = findProgram('fish');

describe.skipIf(fish === undefined)('fish (skipped where it is missing)', () => {
  /** What fish would put in the place of the last word, with what it says of each. */
  const offered = (line: string): readonly string[] => {
    const script = 'source completion.fish; complete -C --escape "$LINE"';
    const { status, stdout, stderr } = spawnSync(fish ?? '', ['-N', '-c', script], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...environment, LANG: 'C.UTF-8', LINE: line },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.split('\n').filter((text) => text !== '');
  };
  beforeAll(async () => writeFile(join(folder, 'completion.fish'), await scriptFor('fish')));

  it.each([
    ['get vol', ['volume\tShow volumes']],
    ['get volumes ', ['v1']],
    ['get backend fake:', ['fake:1']],
    ['-ojson get volume -ow', ['-owide']],
    ['get volume --output=w', ['--output=wide']],
    ['create volume x --storage-class ', ['gold']],
    ['create backend -f fa', ['fake.json']],
    ['create backend --filename=fa', ['--filename=fake.json']],
    ['--state-dir fa', ['fake.json']],
    ['get volume --fil', []],
    ['get volume nothing', []],
    ['get node ', []],
    ['--state-dir none get volume ', []],
    ['--state-dir fake.json get volume ', []],
    ['--state-dir ~/odd get sc bac', ['back\\\\slash']],
    ['--state-dir=odd get sc a\\ ', ['a\\ b']],
    ["--state-dir=odd get sc 'a ", ["'a b'"]],
    ['--state-dir=odd get sc "a ', ['"a b"']],
    ['--state-dir=odd get sc "$(touch ran)" bac', ['back\\\\slash']],
    ['--state-dir=odd get sc :', [':5']],
    ['--state-dir=odd get sc -- -', ['-dash']],
  ])('offers for %j: %j', (line, answer) => {
    expect(offered(`tridentctl ${line}`)).toEqual(answer);
    didNotRun();
  });

  it('completes for a program that is not in the path', () =>
    expect(offered('bin/tridentctl get volume ')).toEqual(['v1']));

  it('puts names on the line so that it reads them as they are', () => {
    const found = offered('tridentctl --state-dir=odd get sc ');
    expect(wordsOf(fish ?? '', found.join(' ')).toSorted()).toEqual(odd.toSorted());
  });
});
