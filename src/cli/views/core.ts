import type { AutogrowPolicyExternal, OperationExternal } from '../../client/wire/core.ts';
import type { View } from '../output.ts';

export const autogrowPolicyView: View<AutogrowPolicyExternal> = {
  id: (policy) => policy.name,
  columns: [
    { title: 'Name', cell: (policy) => policy.name },
    { title: 'Used Threshold', cell: (policy) => policy.usedThreshold },
    { title: 'Growth Amount', cell: (policy) => (policy.growthAmount === '' ? '10%' : policy.growthAmount) },
    { title: 'Max Size', cell: (policy) => (policy.maxSize === '' ? 'N/A' : policy.maxSize) },
    { title: 'Volumes', cell: (policy) => String(policy.volumeCount) },
  ],
};

/** Thousandths are in JSON. */
const wholeSeconds = (time: string): string => time.replace(/\.\d+Z$/, 'Z');

export const operationView: View<OperationExternal> = {
  id: (operation) => operation.id,
  columns: [
    { title: 'ID', cell: (operation) => operation.id },
    { title: 'Kind', cell: (operation) => operation.kind },
    { title: 'Subject', cell: (operation) => operation.subject },
    { title: 'Outcome', isState: true, cell: (operation) => operation.outcome },
    { title: 'Steps', only: 'wide', cell: (operation) => String(operation.step) },
    { title: 'Begun', cell: (operation) => wholeSeconds(operation.begun) },
    { title: 'Ended', only: 'wide', cell: (operation) => wholeSeconds(operation.ended ?? '') },
    { title: 'Owner', only: 'wide', cell: (operation) => operation.owner },
    { title: 'Reason', cell: (operation) => operation.reason ?? '' },
  ],
};
