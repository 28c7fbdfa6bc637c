/**
 * Whether the shell that npm runs for `npx tridentctl …` (`npm exec tridentctl`) is what started this program. npm hands a
 * SIGTERM to that shell, which ends of it without a word to the program: then its end is the only sign there is.
 *
 * Nobody else's shell may be taken for it: who starts the program with nohup, setsid or `&` wants it to outlive its parent,
 * in an `npx -c 'tridentctl simulator &'` too. The script that npm tells is the bare name only where npx adds the arguments.
 */
export const isRunByNpx = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  environment['npm_command'] === 'exec' &&
  environment['npm_lifecycle_event'] === 'npx' &&
  /^(['"]?)tridentctl\1$/.test(environment['npm_lifecycle_script'] ?? '');
