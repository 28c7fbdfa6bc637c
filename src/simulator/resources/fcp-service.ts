import { readOnly } from './common.ts';
import { sanService } from './san-service.ts';
import { newWwn } from './wwn.ts';

/** `/protocols/san/fcp/services`: the target's name is the node name (WWNN) of the SVM. */
export const fcpService = sanService({
  kind: 'fcp_service',
  path: '/protocols/san/fcp/services',
  name: 'Fibre Channel Protocol',
  flag: 'fcp',
  existsCode: 5374082,
  absentCode: 5374083,
  targetFields: { 'target.name': readOnly('string') },
  target: (_svm, _draft, world) => ({ 'target.name': newWwn(world) }),
});
