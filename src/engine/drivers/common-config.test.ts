import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import { defaultStoragePrefix, readCommonConfig, withKnownSpelling } from './common-config.ts';

const least = { version: 1, storageDriverName: 'fake' };

const refusal = (config: JsonObject): Problem | undefined => {
  try {
    readCommonConfig(config);
    return undefined;
  } catch (error) {
    if (Problem.is(error)) return error;
    throw error;
  }
};

describe('readCommonConfig', () => {
  it('takes the least there is', () => {
    expect(readCommonConfig(least)).toEqual({
      storageDriverName: 'fake',
      backendName: '',
      storagePrefix: undefined,
      limitVolumeSize: undefined,
      credentials: undefined,
      userState: undefined,
      debugTraceFlags: undefined,
    });
  });

  it.each([
    [undefined, undefined],
    [null, undefined],
    [{}, undefined],
    ['', ''],
    ['abc_', 'abc_'],
  ])('reads the prefix %j as %j', (given, read) => {
    const config: JsonObject = given === undefined ? least : { ...least, storagePrefix: given };
    expect(readCommonConfig(config).storagePrefix).toBe(read);
  });

  it('accepts keys in any case, the right spelling first', () => {
    expect(readCommonConfig({ VERSION: 1, StorageDriverName: 'fake', BACKENDNAME: 'cased' }).backendName).toBe('cased');
    expect(readCommonConfig({ ...least, BACKENDNAME: 'no', backendName: 'yes' }).backendName).toBe('yes');
  });

  it('reads limits, user states and references to AWS secrets', () => {
    expect(
      readCommonConfig({
        ...least,
        limitVolumeSize: '10Gi',
        userState: 'SUSPENDED',
        credentials: { name: 'arn:x', type: 'awsarn' },
        debugTraceFlags: { api: true },
      }),
    ).toMatchObject({
      limitVolumeSize: 10 * 1024 ** 3,
      userState: 'suspended',
      credentials: { name: 'arn:x', type: 'awsarn' },
      debugTraceFlags: { api: true },
    });
  });

  it.each<[JsonObject, string, string]>([
    [{}, 'storageDriverName', 'input failed validation: missing storage driver name in configuration file'],
    [{ version: 1 }, 'storageDriverName', 'input failed validation: missing storage driver name in configuration file'],
    [
      { storageDriverName: 'fake' },
      'version',
      'input failed validation: unexpected config file version; found 0, expected 1',
    ],
    [
      { ...least, version: 2 },
      'version',
      'input failed validation: unexpected config file version; found 2, expected 1',
    ],
    [
      { ...least, version: '1' },
      'version',
      'input failed validation: could not parse JSON configuration: version must be the number 1',
    ],
    [{ ...least, storagePrefix: 5 }, 'storagePrefix', 'input failed validation: storagePrefix must be a string'],
    [
      { ...least, limitVolumeSize: 'abc' },
      'limitVolumeSize',
      'input failed validation: invalid value for limitVolumeSize: abc',
    ],
    [
      { ...least, credentials: { foo: 'x' } },
      'credentials',
      "input failed validation: credentials field contains invalid fields '[foo]' attribute",
    ],
    [
      { ...least, credentials: { name: '' } },
      'credentials',
      'input failed validation: credentials `name` field cannot be empty',
    ],
    [{ ...least, credentials: { name: 'x' } }, 'credentials', 'backend credentials not found'],
    [
      { ...least, userState: 'zzz' },
      'userState',
      'invalid user backend state provided: zzz, allowed are: `normal`, `suspended`',
    ],
    [
      { ...least, backendName: 7 },
      'backendName',
      'input failed validation: could not parse JSON configuration: backendName must be a string',
    ],
  ])('refuses %j at %s', (config, key, message) => {
    expect(refusal(config)).toMatchObject({ kind: 'invalid', message, path: [key] });
  });

  it('answers any object with a configuration or a Problem', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('version', 'storagePrefix', 'credentials', 'userState', 'x'), fc.jsonValue()),
        (config) => {
          const problem = refusal(JSON.parse(JSON.stringify({ ...least, ...config })));
          return problem === undefined || problem.kind === 'invalid';
        },
      ),
    );
  });
});

describe('withKnownSpelling', () => {
  it('leaves unknown keys alone', () => {
    expect(withKnownSpelling({ SVM: 'a', Other: 1 }, ['svm'])).toEqual({ svm: 'a', Other: 1 });
  });
});

describe('defaultStoragePrefix', () => {
  it('depends on where the engine runs', () => {
    expect([defaultStoragePrefix('csi'), defaultStoragePrefix('docker'), defaultStoragePrefix('direct')]).toEqual([
      'trident_',
      'netappdvp_',
      '',
    ]);
  });
});
