import type { JsonObject, JsonValue } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import type { VolumeConfig } from '../../orchestrator/model.ts';
import type { TemplateData } from './template.ts';

/** Fields of stock's structures whose names are not just those of the JSON keys with a capital. */
const spelling: Readonly<Record<string, string>> = { svm: 'SVM', snapshotDirectory: 'SnapshotDir' };

const fieldOf = (key: string): string => spelling[key] ?? `${key.slice(0, 1).toUpperCase()}${key.slice(1)}`;

const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

const textsOf = (map: JsonValue | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isJsonObject(map) ? map : {}).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value]] : [],
    ),
  );

/** `.config` of templates: a backend's configuration as it is shown, so without secrets; its defaults count as its own fields. */
export const templateConfig = (shown: JsonObject, backendName: string): TemplateData => ({
  ...Object.fromEntries(
    Object.entries({ ...textsOf(shown['defaults']), ...shown }).flatMap(([key, value]) =>
      isPlain(value) ? [[fieldOf(key), value]] : [],
    ),
  ),
  BackendName: backendName,
  Labels: textsOf(shown['labels']),
});

/** `.volume` of templates: what is asked of the volume. */
export const templateVolume = (config: VolumeConfig): TemplateData =>
  Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      isPlain(value) ? [[fieldOf(key), typeof value === 'number' ? String(value) : value]] : [],
    ),
  );
