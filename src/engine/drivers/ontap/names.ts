import { Problem } from '../../problem.ts';
import type { VolumeConfig } from '../../orchestrator/model.ts';
import { renderTemplate } from './template.ts';
import type { TemplateData } from './template.ts';
import { templateVolume } from './template-config.ts';

/** Longest name of a FlexVol and of most other objects on an SVM. */
export const longestVolumeName = 203;

/** What a name template may refer to beside the volume. */
export interface NameContext {
  /** Storage prefix in force; may be empty. */
  readonly prefix: string;
  /** Docker keeps no records, so that names must lead back to volumes: `<prefix><name>`, unchanged. */
  readonly passThrough: boolean;
  readonly nameTemplate: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The backend's configuration as templates see it. */
  readonly config: TemplateData;
}

/** `volume`, `config` and `labels` as templates see them. Keys are the field names of the stock structures. */
export const templateData = (config: VolumeConfig, context: Pick<NameContext, 'config' | 'labels'>): TemplateData => ({
  volume: templateVolume(config),
  config: context.config,
  labels: context.labels,
});

/** The template with the suffix that keeps names apart when it does not name the volume itself. */
export const completeTemplate = (template: string): string =>
  template === '' || template.includes('.volume.Name') ? template : `${template}_{{slice .volume.Name 4 9}}`;

const fromTemplate = (config: VolumeConfig, context: NameContext): string | undefined => {
  if (context.nameTemplate === '') return undefined;
  try {
    const rendered = renderTemplate(context.nameTemplate, templateData(config, context));
    const name = rendered
      .replaceAll(/[^A-Za-z0-9_]/g, '_')
      .replaceAll(/_+/g, '_')
      .replace(/^_/, '')
      .replace(/_$/, '');
    return /^[A-Za-z_]/.test(name) ? name : undefined;
  } catch (error) {
    // As in stock, a template that fails gives way to the usual name.
    if (Problem.is(error)) return undefined;
    throw error;
  }
};

/**
 * Name of the object on the array (ontap-drivers.md 6.1): the pool's template if it gives a name, else
 * `<prefix>-<name>` with `-` and `.` turned into `_` and runs of `_` collapsed: `pvc-1` is `trident_pvc_1`.
 */
export const internalName = (config: VolumeConfig, context: NameContext): string => {
  if (context.passThrough) return `${context.prefix}${config.name}`;
  const templated = fromTemplate(config, context);
  if (templated !== undefined) return templated;
  const plain = context.prefix === '' ? config.name : `${context.prefix}-${config.name}`;
  return plain.replaceAll(/[-.]/g, '_').replaceAll(/_{2,}/g, '_');
};

/** The name that a request brings along, else the one that the object gets. */
export const nameOnArray = (request: VolumeConfig, context: NameContext): string =>
  request.internalName === '' ? internalName(request, context) : request.internalName;

/**
 * @throws Problem `volume.name` when ONTAP would refuse the name
 */
export const checkVolumeName = (name: string, longest: number): void => {
  const why =
    name.length > longest
      ? `it has ${name.length} characters, ${longest} are allowed`
      : /^[A-Za-z_]/.test(name)
        ? /^\w+$/.test(name)
          ? undefined
          : 'only letters, digits and _ are allowed'
        : 'it must start with a letter or _';
  if (why !== undefined)
    throw new Problem(
      'volume.name',
      'invalid',
      `${JSON.stringify(name)} cannot be the name of a volume on the array: ${why}`,
      {
        hint: 'choose another volume name, storagePrefix or nameTemplate',
        nothingDone: true,
      },
    );
};

/** Export policy that lets nobody in, shared by all backends with the prefix: `trident_empty`. */
export const emptyPolicyName = (prefix: string): string => `${prefix}empty`;
/** Policy that versions of stock before per-volume policies kept for a whole backend. */
export const backendPolicyName = (backendUuid: string): string => `trident-${backendUuid}`;

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Name of a snapshot that Trident takes by itself: UTC `yyyymmddThhmmssZ` followed by six letters or digits. */
export const automaticSnapshotName = (now: Date, random: () => number): string => {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const suffix = Array.from({ length: 6 }, () => letters[Math.floor(random() * letters.length)] ?? 'a').join('');
  return `${time}${suffix}`;
};
