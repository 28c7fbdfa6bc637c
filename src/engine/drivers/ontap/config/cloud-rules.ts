import { refuse } from './refusals.ts';
import type { OntapSettings } from './settings.ts';

/** How an ONTAP system of Amazon FSx is managed without AWS's own interface. */
const plainFsx =
  'write managementLIF (the management endpoint of the SVM or file system), svm, and username and password (vsadmin or fsxadmin) instead';

/** The name of a secret of AWS Secrets Manager: `arn:aws:secretsmanager:eu-west-1:123:secret:x`. */
const isSecretArn = (text: string): boolean => /^arn:[^:]*:secretsmanager:/.test(text);

/**
 * What a cloud's own management interface would be needed for (ontap-drivers.md 17). Only ONTAP's REST interface is spoken
 * here; FSx for ONTAP has it beside AWS's, ONTAP mode of Google Cloud NetApp Volumes has it behind a proxy only.
 * @throws Problem `config.invalid`
 */
export const checkClouds = ({ given, username }: OntapSettings): void => {
  if (given.aws !== undefined && given.aws !== null)
    refuse(
      ['aws'],
      'the interface of AWS is not spoken: file systems of Amazon FSx are managed as any ONTAP system, by their own REST interface',
      `leave aws out; ${plainFsx}`,
    );
  if (given.gcnv !== undefined && given.gcnv !== null)
    refuse(
      ['gcnv'],
      'ONTAP mode of Google Cloud NetApp Volumes is reached through a proxy of Google, which is not spoken',
      'there is no management address to write instead; such a backend needs NetApp’s own Trident',
    );
  if (given.credentials?.type === 'awsarn')
    refuse(['credentials'], 'secrets of AWS Secrets Manager are not read', `leave credentials out; ${plainFsx}`);
  if (isSecretArn(username))
    refuse(
      ['username'],
      'this names a secret of AWS Secrets Manager, which is not read',
      'write the name and password of the user themselves',
    );
};
