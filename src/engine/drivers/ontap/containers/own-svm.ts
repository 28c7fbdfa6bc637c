import * as v from 'valibot';
import type { OntapBackend } from '../backend.ts';

/** On which SVM an object is: asked for with what is looked for by UUID, since a UUID finds it on any. */
export const svmSchema = v.optional(v.object({ uuid: v.optional(v.string()) }));
export interface OnSvm {
  readonly svm?: v.InferOutput<typeof svmSchema>;
}

/** What was found by UUID, where it is on the backend's SVM: one that was given another SVM has its old objects no more. */
export const onOwnSvm = <Found extends OnSvm>({ facts }: OntapBackend, found: Found | undefined): Found | undefined =>
  found?.svm?.uuid === undefined || found.svm.uuid === facts.svm.uuid ? found : undefined;
