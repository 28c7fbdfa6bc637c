import type { Resource } from '../core/declaration.ts';
import { Refusal } from '../core/refusal.ts';
import { text } from '../core/entry.ts';
import { readOnly } from './common.ts';
import { inEachSvm } from './each-svm.ts';
import { CERTIFICATE, serverCertificateOf } from './security-certificate.ts';

const WEB = 'svm_web';

/** `/svm/svms/{svm.uuid}/web`: how an SVM shows itself to clients of the API. It is kept, and does nothing. */
export const svmWeb: Resource = {
  kind: WEB,
  path: '/svm/svms/{svm.uuid}/web',
  keys: ['svm.uuid'],
  singleton: true,
  since: '9.10.1',
  fields: {
    svm: readOnly('ref', { to: 'svm', key: true }),
    certificate: { kind: 'ref', to: CERTIFICATE },
    client_enabled: { kind: 'boolean' },
    ocsp_enabled: { kind: 'boolean' },
  },
  indexes: ['svm'],
  modify: {
    asynchronous: true,
    prepare: (changes, before, { world }) => {
      const wanted = changes['certificate'];
      if (typeof wanted !== 'string') return changes;
      const certificate = world.store.get(CERTIFICATE, wanted);
      if (certificate['svm'] !== before['svm'] || text(certificate, 'type') !== 'server')
        throw new Refusal(400, 262197, 'The certificate is not a server certificate of the SVM.', 'certificate');
      return changes;
    },
  },
  ...inEachSvm(WEB, (svm, world) => [
    {
      $id: svm.$id,
      svm: svm.$id,
      certificate: serverCertificateOf(svm.$id, world),
      client_enabled: false,
      ocsp_enabled: false,
    },
  ]),
};
