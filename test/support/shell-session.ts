import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A shell with somebody at its keys: bash and zsh on a pseudo-terminal of `script`, as util-linux has it. */

/** Where a program is on this machine, if it is. */
export const findProgram = (name: string): string | undefined =>
  ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'].map((path) => join(path, name)).find(existsSync);

const terminal = findProgram('script');

const hasTerminal = (): boolean =>
  terminal !== undefined && spawnSync(terminal, ['--version'], { encoding: 'utf8' }).stdout.includes('util-linux');

/** Whether somebody can sit at the keys of the shell here. */
export const canType = (shell: 'bash' | 'zsh'): boolean => findProgram(shell) !== undefined && hasTerminal();

export interface Session {
  readonly shell: 'bash' | 'zsh';
  /** What the shell reads at its start. */
  readonly start: string;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What is pressed after each line: the key that completes, or one that puts all that there is on the line. */
  readonly press: 'tab' | 'all';
}

const keys = { tab: '\t', all: '\x18a', tell: '\x18d' } as const;
const ready = 'ready>';
const told = '<told>';

const startFiles = {
  bash: (out: string) => `
PS1='${ready}'
bind '"\\C-xa": insert-completions' 2>/dev/null
tell() { printf '%s\\n' "$READLINE_LINE" >> '${out}'; READLINE_LINE=; printf '%s' '${told}'; }
bind -x '"\\C-xd": tell'
`,
  zsh: (out: string) => `
PS1='${ready}'
unsetopt prompt_cr prompt_sp
bindkey -e
every() { _main_complete; compstate[insert]=all }
zle -C every complete-word every
bindkey '^Xa' every
tell() { print -r -- "$BUFFER" >> '${out}'; BUFFER=; print -rn -- '${told}' }
zle -N tell
bindkey '^Xd' tell
`,
};

/** Types each line when the shell waits for it. Rejects when the shell does not answer for long. */
const attend = async (
  command: string,
  environment: Session['environment'],
  directory: string,
  lines: readonly string[],
) => {
  const child = spawn(terminal ?? '', ['-qfc', command, '/dev/null'], { cwd: directory, env: { ...environment } });
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  let seen = '';
  let look = (): void => undefined;
  const saw = (text: string, times: number) =>
    new Promise<void>((done, fail) => {
      const late = setTimeout(() => fail(new Error(`the shell does not answer: ${seen}`)), 15_000);
      look = () => {
        if (seen.split(text).length <= times) return;
        clearTimeout(late);
        done();
      };
      look();
    });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
    look();
  });
  try {
    await saw(ready, 1);
    for (const [index, line] of lines.entries()) {
      child.stdin.write(line);
      await saw(told, index + 1);
    }
  } finally {
    child.stdin.end('exit\r');
    const patience = setTimeout(() => child.kill(), 2_000);
    await closed;
    clearTimeout(patience);
  }
};

/** What each line is after the key was pressed at its end. */
export const typeLines = async (session: Session, lines: readonly string[]): Promise<readonly string[]> => {
  const { shell, start, directory, press } = session;
  const folder = await mkdtemp(join(tmpdir(), 'session-'));
  try {
    const out = join(folder, 'out');
    const file = join(folder, '.zshrc');
    await writeFile(file, `stty rows 50 cols 250\n${start}\n${startFiles[shell](out)}`);
    const environment = { LANG: 'C.UTF-8', TERM: 'xterm', ...session.environment, ZDOTDIR: folder };
    const path = findProgram(shell) ?? shell;
    const command = shell === 'bash' ? `'${path}' --noprofile --rcfile '${file}' -i` : `'${path}' -d -i`;
    await attend(
      command,
      environment,
      directory,
      lines.map((line) => line + keys[press] + keys.tell),
    );
    return (await readFile(out, 'utf8')).split('\n').slice(0, -1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
