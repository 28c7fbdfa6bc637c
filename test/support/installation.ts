import { runCli } from './run-cli.ts';

/** An installation of the program with its own state, in a folder that several may share. */
export const installationIn = (folder: string, name: string) => {
  const environment = { HOME: folder, TRIDENT_STATE_DIR: `${folder}/${name}` };
  const run = (line: string) => runCli(line.split(' '), { directory: folder, environment });
  /** What a command prints that must succeed. */
  const must = async (line: string): Promise<string> => {
    const result = await run(line);
    if (result.exit !== 0) throw new Error(`${line}: ${result.stderr}`);
    return result.stdout;
  };
  /** What is said of a command that must fail. */
  const refused = async (line: string): Promise<string> => {
    const { exit, stderr } = await run(line);
    if (exit !== 1) throw new Error(`${line}: exit ${exit}`);
    return stderr;
  };
  return { run, must, refused };
};
export type Installation = ReturnType<typeof installationIn>;
