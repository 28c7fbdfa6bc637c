import { integer, text } from '../core/entry.ts';
import { addDefaultCredential } from './iscsi-credential.ts';
import { readOnly } from './common.ts';
import { sanService } from './san-service.ts';

/** `/protocols/san/iscsi/services`. */
export const iscsiService = sanService({
  kind: 'iscsi_service',
  path: '/protocols/san/iscsi/services',
  name: 'iSCSI',
  flag: 'iscsi',
  existsCode: 5374077,
  absentCode: 5374078,
  targetFields: {
    'target.alias': { kind: 'string', maxLength: 128 },
    'target.name': readOnly('string'),
  },
  target: (svm, draft, world) => ({
    'target.alias': text(draft ?? {}, 'target.alias') || text(svm, 'name'),
    'target.name': `iqn.1992-08.com.netapp:sn.${world.random.hex('iscsi/target', 32)}:vs.${integer(svm, '$number')}`,
  }),
  furnish: addDefaultCredential,
});
