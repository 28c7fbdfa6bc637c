import { Problem } from '../../engine/problem.ts';
import type { CommandContext } from '../../cli/command.ts';
import { getDocument } from '../../cli/document.ts';
import type { LabChoice } from '../../simulator/core/lab.ts';
import type { PairTopology } from '../../simulator/core/lab-pair.ts';
import type { Topology } from '../../simulator/core/topology.ts';
import type { FaultRule } from '../../simulator/core/fault-rules.ts';

/** A file of the simulator, read by one of its own readers; what is wrong in it is named with its line. */
const readFileWith = async <T>(
  path: string | undefined,
  parse: (value: unknown) => T,
  context: CommandContext,
): Promise<T> => {
  const { InputError } = await import('../../simulator/core/input.ts');
  const read = (value: unknown): T => {
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const keys = error.path === '' ? [] : error.path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
      throw new Problem('cli.labFile', 'invalid', error.message, { cause: error, path: keys });
    }
  };
  if (path === undefined) return read({});
  const document = await getDocument({ filename: path, base64: undefined }, context, 'no file was named');
  return document.explain(async () => read(document.value));
};

/** The cluster that a topology file and flags describe; without a file, the default one. */
export const readTopology = async (
  path: string | undefined,
  choice: LabChoice,
  context: CommandContext,
): Promise<Topology> => {
  const { parseLab } = await import('../../simulator/core/lab.ts');
  return readFileWith(path, (value) => parseLab(value, choice), context);
};

/** The same of a pair: both clusters, or the first one. */
export const readPairTopology = async (
  path: string | undefined,
  choice: LabChoice,
  context: CommandContext,
): Promise<PairTopology> => {
  const { parseLabPair } = await import('../../simulator/core/lab-pair.ts');
  return readFileWith(path, (value) => parseLabPair(value, choice), context);
};

export const readFaultRules = async (path: string, context: CommandContext): Promise<readonly FaultRule[]> => {
  const { parseFaultRules } = await import('../../simulator/core/input.ts');
  return readFileWith(path, parseFaultRules, context);
};
