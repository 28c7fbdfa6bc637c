import { expect, it } from 'vitest';
import { labConfig } from '../../../test/support/lab-site.ts';
import { furnish, openLabEngine, patient } from '../../../test/support/lab.ts';
import { labPool, openLabArray } from '../../../test/support/lab-driver.ts';
import type { LabArray } from '../../../test/support/lab-driver.ts';
import { openMemoryStore } from '../store/memory.ts';
import type { Orchestrator } from './orchestrator.ts';

/** What somebody else does while the array is asked; done once. */
interface Meanwhile {
  during: ((core: Orchestrator) => Promise<unknown>) | undefined;
}

/** An array with pools p1 and p2 that takes its time to answer, and tells of itself at each look at its health. */
const openSlowArray = (asked: () => Promise<void>): LabArray => {
  const array = openLabArray({ pools: [labPool('p1'), labPool('p2')], enforcesAccess: true, now: () => new Date() });
  const { discover, open } = array.kind;
  return {
    ...array,
    kind: {
      ...array.kind,
      async discover(config, environment, signal) {
        await asked();
        return discover(config, environment, signal);
      },
      open(config, found, environment) {
        return {
          ...open(config, found, environment),
          async checkHealth(signal) {
            const discovery = await discover(config, environment, signal);
            await asked();
            return { reason: array.ill, discovery };
          },
        };
      },
    },
  };
};

const withSlowArray = async (test: (core: Orchestrator, meanwhile: Meanwhile) => Promise<void>): Promise<void> => {
  const meanwhile: Meanwhile = { during: undefined };
  await using store = openMemoryStore();
  const array = openSlowArray(async () => {
    const { during } = meanwhile;
    meanwhile.during = undefined;
    await during?.(engine.orchestrator);
  });
  await using engine = await openLabEngine(store, array);
  await furnish(engine.orchestrator);
  await test(engine.orchestrator, meanwhile);
};

it('an update that comes while a poll asks the array is not taken back by it', () =>
  withSlowArray(async (core, meanwhile) => {
    meanwhile.during = () => core.backends.update('lab', { ...labConfig, pools: ['p1'] }, patient);
    await core.poll(patient);
    expect((await core.backends.get('lab')).backend.pools.map(({ name }) => name)).toEqual(['p1']);
  }));

it.each([
  ['stays, when the configuration does not say it', labConfig, 'suspended'],
  ['yields to the configuration', { ...labConfig, userState: 'normal' }, 'normal'],
] as const)('a user state that is set while an update asks the array %s', (_what, config, expected) =>
  withSlowArray(async (core, meanwhile) => {
    meanwhile.during = () => core.backends.updateState('lab', { state: '', userState: 'suspended' }, patient);
    expect((await core.backends.update('lab', config, patient)).userState).toBe(expected);
    expect((await core.backends.get('lab')).backend.userState).toBe(expected);
  }),
);
