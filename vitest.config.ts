import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** One suite for many drivers, and clients that are started anew for each step: short files that take minutes. */
const takesLong = ({ moduleId }: TestSpecification): boolean => /\/test\/(conformance|clients|crash)/.test(moduleId);

/** Begins with what takes long, so that no core is idle at the end. Left to itself, vitest goes by the sizes of files. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(takesLong), ...sorted.filter((file) => !takesLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    sequence: { sequencer: LongFirst },
  },
});
