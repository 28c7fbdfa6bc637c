import type { JsonObject } from '../../json.ts';
import { emptyVolumeConfig } from '../../orchestrator/model.ts';
import { formatPath } from '../../validation.ts';
import type { Path } from './config/refusals.ts';
import { placesOfPools } from './config/schema.ts';
import type { GivenPool, OntapConfig } from './config/schema.ts';
import { missingField } from './template.ts';
import type { TemplateData } from './template.ts';
import { templateConfig, templateVolume } from './template-config.ts';

/** A name that is long enough for every part that a template may take of it. */
const volume = templateVolume({ ...emptyVolumeConfig, name: 'pvc-00000000-0000-0000-0000-000000000000' });

const warningsOf = ({ defaults, labels }: Pick<GivenPool, 'defaults' | 'labels'>, path: Path, data: TemplateData) => {
  const said = (at: Path, source: string, then: string): readonly string[] => {
    const missing = missingField(source, data);
    return missing === undefined ? [] : [`${formatPath([...path, ...at])}: ${missing}, so that ${then}`];
  };
  return [
    ...said(['defaults', 'nameTemplate'], defaults?.nameTemplate ?? '', 'volumes get their usual names'),
    ...Object.entries(labels ?? {}).flatMap(([key, value]) =>
      said(['labels', key], value, 'labels are written as they stand'),
    ),
  ];
};

/** Templates that name what is not there: they never fail, but do nothing for any volume. */
export const templateWarnings = (given: OntapConfig, shown: JsonObject, backendName: string): readonly string[] => {
  const config = templateConfig(shown, backendName);
  return placesOfPools(given).flatMap(({ pool, path }) =>
    warningsOf(pool, path, { volume, config, labels: { ...given.labels, ...pool.labels } }),
  );
};
