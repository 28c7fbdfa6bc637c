/** ONTAP's error codes that mean something to us. Codes are strings in answers. */
export const ontapCode = {
  duplicateEntry: '1',
  noEntry: '4',
  denied: '6',
  fieldNotSettableHere: '262196',
  unexpectedArgument: '262179',
  invalidFieldValue: '262197',
  svmNotRunning: '2621462',
  volumeReadOnly: '1638461',
  mirrorUninitialized: '917536',
  volumeNameInUse: '917526',
  volumeBeingCreated: '13107405',
  snapshotNameInUse: '525059',
  tooManySnapshots: '525062',
  volumeSizeOutOfRange: '917534',
  lunHasNoRoom: '5374125',
  /** A job failed, of whatever: only its words tell. */
  jobFailed: '460770',
  snapshotUnknown: '1638600',
  snapshotBusy: '1638555',
  snapshotHasOwner: '1638543',
  volumeBusy: '524486',
  volumeHasClones: '524615',
  volumeUnknown: '918235',
  groupUnknown: '53411842',
  groupNameInUse: '53411860',
  groupHasVolume: '53411865',
  groupSnapshotFailed: '53411921',
  mirrorExists: '6619637',
  mirrorBeingModified: '6619715',
  mirrorChanging: '13303822',
  mirrorBreakFailed: '13303808',
  mirrorQuiesceFailed: '13303809',
  exportPolicyInvalid: '918271',
  exportPolicyUnknown: '1703954',
  exportPolicyInUse: '1703945',
  exportPolicyInUseByQtree: '1703953',
  exportRuleExists: '1704070',
  sharePathUnknown: '655551',
  shareUserUnknown: '655446',
  qtreeFailed: '5242886',
  qtreeNameInUse: '5242972',
  qtreeUnknown: '5242927',
  qtreeGone: '5242956',
  quotaRuleUnknown: '5308545',
  quotaNotResized: '5308568',
  quotaResizeSkipped: '5308571',
  lunExists: '5374242',
  unitExists: '5440688',
  lunRenameTargetExists: '1254196',
  lunCloneExists: '1260136',
  lunBeingCreated: '5702832',
  lunUnknown: '5374875',
  lunMapped: '1254197',
  unitIsCloneParent: '5376520',
  unitUnknown: '5376489',
  cloneSourceUnknown: '5376490',
  lunSameSize: '1254226',
  lunShrink: '5374892',
  igroupExists: '5374023',
  igroupUnknown: '5374878',
  igroupGone: '5374852',
  igroupMapped: '1254213',
  initiatorInIgroup: '5374035',
  lunMapExists: '1254207',
  lunMapUnknown: '5374922',
  lunSeenTwice: '1254193',
  namespaceExists: '72089725',
  namespaceUnknown: '72090006',
  namespaceMapped: '72089796',
  namespaceShrink: '72090038',
  subsystemExists: '72090025',
  /** Given by UUID, in a path or a body. */
  subsystemGone: '72090001',
  subsystemUnknown: '72090021',
  subsystemHasMaps: '72090023',
  nvmeHostExists: '72089705',
  nvmeHostUnknown: '72090004',
  /** The namespace is in a subsystem already: this one, or another. */
  namespaceInSubsystem: '72089790',
  namespaceMapUnknown: '72090019',
} as const;

const duplicates = new Set<string>([
  ontapCode.duplicateEntry,
  ontapCode.volumeNameInUse,
  ontapCode.volumeBeingCreated,
  ontapCode.snapshotNameInUse,
  ontapCode.exportRuleExists,
  ontapCode.qtreeNameInUse,
  ontapCode.groupNameInUse,
  ontapCode.lunExists,
  ontapCode.unitExists,
  ontapCode.lunRenameTargetExists,
  ontapCode.lunCloneExists,
  ontapCode.lunBeingCreated,
  ontapCode.igroupExists,
  ontapCode.initiatorInIgroup,
  ontapCode.lunMapExists,
  ontapCode.namespaceExists,
  ontapCode.subsystemExists,
  ontapCode.nvmeHostExists,
]);
const absences = new Set<string>([
  ontapCode.qtreeUnknown,
  ontapCode.qtreeGone,
  ontapCode.quotaRuleUnknown,
  ontapCode.noEntry,
  ontapCode.snapshotUnknown,
  ontapCode.volumeUnknown,
  ontapCode.groupUnknown,
  ontapCode.lunUnknown,
  ontapCode.unitUnknown,
  ontapCode.igroupUnknown,
  ontapCode.igroupGone,
  ontapCode.lunMapUnknown,
  ontapCode.namespaceUnknown,
  ontapCode.subsystemGone,
  ontapCode.subsystemUnknown,
  ontapCode.nvmeHostUnknown,
  ontapCode.namespaceMapUnknown,
]);
const busy = new Set<string>([
  ontapCode.snapshotBusy,
  ontapCode.snapshotHasOwner,
  ontapCode.volumeBusy,
  ontapCode.volumeHasClones,
  ontapCode.exportPolicyInUse,
  ontapCode.exportPolicyInUseByQtree,
  ontapCode.lunMapped,
  ontapCode.unitIsCloneParent,
  ontapCode.igroupMapped,
  ontapCode.lunSeenTwice,
  ontapCode.namespaceMapped,
  ontapCode.namespaceInSubsystem,
  ontapCode.subsystemHasMaps,
]);

const limits = new Set<string>([ontapCode.tooManySnapshots, ontapCode.volumeSizeOutOfRange, ontapCode.lunHasNoRoom]);

interface Coded {
  readonly status: number;
  readonly code: string;
}

/** The name is taken, or the same thing is there already. Qtrees have a general code for it, with its own status. */
export const isDuplicate = (refusal: Coded): boolean =>
  duplicates.has(refusal.code) || (refusal.code === ontapCode.qtreeFailed && refusal.status === 409);
/** The addressed object is not there. */
export const isAbsent = (refusal: Coded): boolean =>
  absences.has(refusal.code) || (refusal.status === 404 && refusal.code === '');
export const isBusy = (refusal: Coded): boolean => busy.has(refusal.code);
/** A size, a number of objects or the space there is. */
export const isLimit = (refusal: Coded & { readonly message: string }): boolean =>
  limits.has(refusal.code) || (refusal.code === ontapCode.jobFailed && /\bspace\b/i.test(refusal.message));
export const isDenied = (refusal: Coded): boolean =>
  refusal.status === 401 || refusal.status === 403 || refusal.code === ontapCode.denied || refusal.code === '6691623';
/** The export policy that a volume should get does not exist on the SVM. */
export const isPolicyMissing = (refusal: Coded): boolean =>
  refusal.code === ontapCode.exportPolicyInvalid || refusal.code === ontapCode.exportPolicyUnknown;
