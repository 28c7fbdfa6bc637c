import { Problem } from '../../problem.ts';

/** What a node may put on a device. */
export const fileSystems: readonly string[] = ['ext3', 'ext4', 'xfs', 'raw'];

/** @throws Problem `volume.option` for a file system no node can make */
export const fileSystemOf = (name: string): string => {
  if (fileSystems.includes(name)) return name;
  throw new Problem(
    'volume.option',
    'invalid',
    `fileSystem: ${JSON.stringify(name)} is not one of ${fileSystems.join(', ')}`,
    { nothingDone: true },
  );
};

/**
 * Options for the command that makes the file system, trimmed.
 * @throws Problem `volume.option` for a value of blanks only
 */
export const formatOptionsOf = (given: string): string => {
  const options = given.trim();
  if (given === '' || options !== '') return options;
  throw new Problem('volume.option', 'invalid', 'formatOptions: holds nothing but blanks', {
    hint: 'leave it out for the default options',
    nothingDone: true,
  });
};

/** Two clones of one xfs file system have one UUID; without `nouuid` a node mounts only the first of them. */
export const mountOptionsFor = (fileSystem: string, given: string): string => {
  const options = given
    .replace(/^-o /, '')
    .split(',')
    .filter((option) => option !== '');
  return (fileSystem === 'xfs' && !options.includes('nouuid') ? [...options, 'nouuid'] : options).join(',');
};
