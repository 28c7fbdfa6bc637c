import { Problem } from '../../../problem.ts';
import { fileSystems, formatOptionsOf } from '../file-systems.ts';
import { attempt, oneOf, refuse } from './refusals.ts';
import type { Path } from './refusals.ts';
import type { ChapSecrets, OntapSettings, PoolOptions } from './settings.ts';

const chapKeys: Readonly<Record<keyof ChapSecrets, string>> = {
  username: 'chapUsername',
  initiatorSecret: 'chapInitiatorSecret',
  targetUsername: 'chapTargetUsername',
  targetInitiatorSecret: 'chapTargetInitiatorSecret',
};

const checkChap = ({ chap, sanType }: OntapSettings): void => {
  if (sanType !== 'iscsi') refuse(['useCHAP'], `CHAP is not supported with sanType ${sanType}`, 'set useCHAP to false');
  for (const part of ['username', 'initiatorSecret', 'targetUsername', 'targetInitiatorSecret'] as const)
    if (chap[part] === '')
      refuse([chapKeys[part]], 'is required with useCHAP', `give all of ${Object.values(chapKeys).join(', ')}`);
  if (chap.initiatorSecret === chap.targetInitiatorSecret)
    refuse(
      [chapKeys.targetInitiatorSecret],
      'must differ from chapInitiatorSecret: with one secret for both directions the target proves nothing',
    );
};

/** Rules for the backend of a SAN driver as a whole (ontap-drivers.md 2.2). @throws Problem `config.invalid` */
export const checkSan = (settings: OntapSettings): void => {
  const economy = settings.given.storageDriverName === 'ontap-san-economy';
  oneOf(['sanType'], settings.sanType, economy ? ['iscsi', 'fcp'] : ['iscsi', 'fcp', 'nvme']);
  if (settings.useCHAP) checkChap(settings);
  if (settings.given.autoExportPolicy === true)
    throw new Problem(
      'config.unsupported',
      'unsupported',
      'backend configuration: autoExportPolicy: SAN has no exports',
      {
        path: ['autoExportPolicy'],
        hint: 'leave the key out',
      },
    );
};

/** Rules for the options of a pool of a SAN driver. @throws Problem `config.invalid` */
export const checkSanOptions = (options: PoolOptions, path: Path): void => {
  oneOf([...path, 'defaults', 'fileSystemType'], options.fileSystemType, fileSystems);
  attempt([...path, 'defaults', 'formatOptions'], () => formatOptionsOf(options.formatOptions));
};
