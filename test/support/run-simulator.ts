import { runCli, type CliResult } from './run-cli.ts';

/**
 * Runs `tridentctl simulator` until it has said where it is and `meanwhile` is done; its stdout holds what it said on
 * both channels before the note on how to stop it.
 */
export const runSimulator = async (
  words: readonly string[],
  directory: string,
  meanwhile: (said: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<CliResult> => {
  const stop = new AbortController();
  let said = '';
  let done: Promise<unknown> = Promise.resolve();
  const result = await runCli(['simulator', ...words], {
    directory,
    signal: stop.signal,
    terminal: {
      out: (text) => {
        said += text;
      },
      err: (text) => {
        if (!text.startsWith('note: stop')) said += text;
        else {
          done = meanwhile(said);
          void done.catch(() => undefined).finally(() => stop.abort());
        }
      },
    },
  });
  await done;
  return { ...result, stdout: said };
};
