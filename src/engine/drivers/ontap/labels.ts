import { Problem } from '../../problem.ts';
import { renderTemplate } from './template.ts';
import type { TemplateData } from './template.ts';

/** Longest comment that a volume may carry. */
export const longestVolumeComment = 1023;
/** Longest comment of a LUN, namespace or storage unit. */
export const longestUnitComment = 254;

/** Label values with their templates filled in; the raw labels when one of them fails, as in stock. */
export const renderLabels = (
  labels: Readonly<Record<string, string>>,
  dataOf: () => TemplateData,
): Readonly<Record<string, string>> => {
  if (!Object.values(labels).some((value) => value.includes('{{'))) return labels;
  try {
    const data = dataOf();
    return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, renderTemplate(value, data)]));
  } catch (error) {
    if (Problem.is(error)) return labels;
    throw error;
  }
};

/**
 * The comment that carries a pool's labels: compact JSON `{"provisioning":{…}}` with sorted keys; empty without labels.
 * @throws Problem `labels.too-long`
 */
export const commentOf = (labels: Readonly<Record<string, string>>, longest: number): string => {
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (entries.length === 0) return '';
  const comment = JSON.stringify({ provisioning: Object.fromEntries(entries) });
  if (comment.length > longest)
    throw new Problem(
      'labels.too-long',
      'limit',
      `the labels make a comment of ${comment.length} characters, ${longest} are allowed`,
      {
        hint: 'shorten labels of the backend or pool',
        nothingDone: true,
      },
    );
  return comment;
};

/** True when a comment was written by Trident, so that an import may replace it. */
export const isOurComment = (comment: string): boolean => {
  try {
    const value: unknown = JSON.parse(comment);
    return typeof value === 'object' && value !== null && 'provisioning' in value;
  } catch {
    return false;
  }
};
