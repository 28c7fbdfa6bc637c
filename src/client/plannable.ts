import type { operations } from './operations.ts';

/**
 * Operations that a core of ours can say of what they would do, without doing it. The others change nothing on an array,
 * and are taken back as easily as they are done.
 */
export const plannable = [
  'addBackend',
  'updateBackend',
  'updateBackendState',
  'deleteBackend',
  'addVolume',
  'cloneVolume',
  'importVolume',
  'resizeVolume',
  'updateVolume',
  'deleteVolume',
  'addStorageClass',
  'deleteStorageClass',
  'addOrUpdateNode',
  'deleteNode',
  'addSnapshot',
  'restoreSnapshot',
  'deleteSnapshot',
  'addGroupSnapshot',
  'deleteGroupSnapshot',
  'publishVolume',
  'unpublishVolume',
  'establishMirror',
  'reestablishMirror',
  'promoteMirror',
  'updateMirror',
  'releaseMirrors',
  'moveVolume',
] as const satisfies readonly (keyof typeof operations)[];

export type Plannable = (typeof plannable)[number];

/** The operation of that name, if what it would do can be said. */
export const findPlannable = (name: string): Plannable | undefined => plannable.find((each) => each === name);
