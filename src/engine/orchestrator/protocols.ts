import { Problem } from '../problem.ts';
import type { Protocol } from './model.ts';

const accessModes: ReadonlySet<string> = new Set([
  '',
  'ReadWriteOnce',
  'ReadWriteOncePod',
  'ReadOnlyMany',
  'ReadWriteMany',
]);

/**
 * The protocol that a volume needs, from its volume mode, access mode and the protocol asked for (table 7.1).
 * The texts are those of PR-1 (core/common.go).
 * @throws Problem `volume.protocol`
 */
export const resolveProtocol = (volumeMode: string, accessMode: string, protocol: string): Protocol | '' => {
  if (
    !['Filesystem', 'Block'].includes(volumeMode) ||
    !accessModes.has(accessMode) ||
    (protocol !== '' && protocol !== 'file' && protocol !== 'block')
  )
    throw new Problem(
      'volume.protocol',
      'invalid',
      `invalid volume mode (${volumeMode}), access mode (${accessMode}) or protocol (${protocol})`,
      {
        hint: 'volumeMode is Filesystem or Block; accessMode is ReadWriteOnce, ReadWriteOncePod, ReadOnlyMany or ReadWriteMany',
      },
    );
  const required = volumeMode === 'Block' ? 'block' : accessMode === 'ReadWriteMany' ? 'file' : '';
  if (required === '') return protocol;
  if (protocol !== '' && protocol !== required)
    throw new Problem(
      'volume.protocol',
      'invalid',
      `incompatible volume mode (${volumeMode}), access mode (${accessMode}) and protocol (${protocol})`,
      { hint: `this combination needs protocol ${required}` },
    );
  return required;
};
