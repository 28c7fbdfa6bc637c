import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapClient } from '../client/client.ts';
import type { Answer } from '../client/outcome.ts';
import { problemOf } from '../client/problems.ts';
import type { OntapSettings } from '../config/settings.ts';

const path = '/protocols/san/iscsi/credentials';
const userSchema = v.optional(v.object({ user: v.optional(v.string(), '') }));
const credentialSchema = v.object({
  initiator: v.string(),
  authentication_type: v.optional(v.string(), 'none'),
  chap: v.optional(v.object({ inbound: userSchema, outbound: userSchema })),
});
const lunSchema = v.object({ records: v.optional(v.array(v.object({ name: v.optional(v.string(), '') })), []) });

interface Svm {
  readonly uuid: string;
  readonly name: string;
}

const refuse = (svm: Svm, why: string, hint: string): Problem =>
  new Problem('svm.chap', 'conflict', `the iSCSI login that SVM ${svm.name} asks of initiators: ${why}`, {
    hint,
    path: ['useCHAP'],
    nothingDone: true,
  });

/**
 * How the SVM lets initiators log in that have no credential of their own, checked against what the backend wants
 * (ontap-drivers.md 4.6). Changes nothing; `setUpChap` does.
 * @returns `none`, or `chap` with the users of the configuration
 * @throws Problem `svm.chap` when nodes could not log in, or setting CHAP up would shut others out
 */
export const readChap = async (
  client: OntapClient,
  settings: OntapSettings,
  svm: Svm,
  signal: AbortSignal,
): Promise<string> => {
  const must = <T>(answer: Answer<T>, what: string): T => {
    if (answer.kind === 'ok') return answer.value;
    throw problemOf(answer, what, { host: client.host, username: settings.username, svm: settings.svm });
  };
  const query = {
    initiator: 'default',
    'svm.uuid': svm.uuid,
    fields: 'initiator,authentication_type,chap.inbound.user,chap.outbound.user',
  };
  const [found] = must(await client.list(path, query, credentialSchema, signal), 'reading the iSCSI credentials');
  const type = (found?.authentication_type ?? 'none').toLowerCase();
  if (!settings.useCHAP) {
    if (type === 'none') return 'none';
    throw refuse(
      svm,
      `authentication type ${type}, and the backend gives no secrets`,
      'set useCHAP and the four CHAP keys, or set the default authentication type of the SVM to none',
    );
  }
  if (type === 'chap') {
    const users = [found?.chap?.inbound?.user ?? '', found?.chap?.outbound?.user ?? ''];
    const { username, targetUsername } = settings.chap;
    if (users[0] === username && users[1] === targetUsername) return 'chap';
    throw refuse(
      svm,
      `CHAP for the users ${users.join(' and ')}, which somebody else set, and not ${username} and ${targetUsername}`,
      'give those users and their secrets in chapUsername and chapTargetUsername; foreign users are not overwritten',
    );
  }
  if (type !== 'none')
    throw refuse(svm, `authentication type ${type}`, 'set the default authentication type of the SVM to none or CHAP');
  const luns = await client.read('/storage/luns', { 'svm.uuid': svm.uuid, max_records: 1 }, lunSchema, signal);
  const [lun] = must(luns, 'looking for LUNs before CHAP is set up').records;
  if (lun === undefined) return 'none';
  throw refuse(
    svm,
    `none so far, and it has LUNs (${lun.name}), whose hosts would lose access if CHAP were switched on`,
    'switch CHAP on in the SVM yourself when its hosts are prepared, or use an SVM without LUNs',
  );
};

/**
 * Gives the SVM the CHAP users and secrets of the backend. Passwords cannot be read back, so they are set each time that
 * a configuration is given. Call it after `readChap` has agreed.
 */
export const setUpChap = async (
  client: OntapClient,
  settings: OntapSettings,
  svm: Svm,
  signal: AbortSignal,
): Promise<void> => {
  const { username, initiatorSecret, targetUsername, targetInitiatorSecret } = settings.chap;
  const outcome = await client.change(
    {
      method: 'PATCH',
      path: `${path}/${svm.uuid}/default`,
      body: {
        authentication_type: 'chap',
        chap: {
          inbound: { user: username, password: initiatorSecret },
          outbound: { user: targetUsername, password: targetInitiatorSecret },
        },
      },
    },
    signal,
  );
  if (outcome.kind === 'ok') return;
  throw problemOf(outcome, `setting up CHAP on SVM ${svm.name}`, {
    host: client.host,
    username: settings.username,
    svm: settings.svm,
  });
};
