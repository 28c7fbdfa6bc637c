import type { Simulator } from '../../src/simulator/contract.ts';
import { at, textAt } from './ontap-session.ts';

const recordsOf = async (simulator: Simulator, path: string): Promise<readonly unknown[]> => {
  const records = at((await simulator.call('GET', path)).body, 'records');
  return Array.isArray(records) ? records : [];
};

/** The rules of export policies of `svm0`, as an administrator of the array sees and changes them. */
export const exportRulesOn = (simulator: Simulator) => {
  const pathOf = async (policy: string): Promise<string> => {
    const [found] = await recordsOf(simulator, `/protocols/nfs/export-policies?svm.name=svm0&name=${policy}`);
    return `/protocols/nfs/export-policies/${String(at(found, 'id'))}`;
  };
  const rules = async (policy: string): Promise<readonly { readonly index: string; readonly match: string }[]> =>
    (await recordsOf(simulator, `${await pathOf(policy)}/rules?fields=clients`)).map((rule) => ({
      index: String(at(rule, 'index')),
      match: textAt(rule, 'clients', 0, 'match'),
    }));
  return {
    pathOf,
    list: async (policy: string): Promise<readonly string[]> =>
      (await rules(policy)).map(({ match }) => match).toSorted(),
    async add(policy: string, match: string): Promise<void> {
      const body = { clients: [{ match }], ro_rule: ['any'], rw_rule: ['any'] };
      await simulator.call('POST', `${await pathOf(policy)}/rules`, body);
    },
    /** Those for one client, or all. */
    async remove(policy: string, match: string | undefined): Promise<void> {
      const path = await pathOf(policy);
      for (const rule of await rules(policy))
        if (match === undefined || rule.match === match) await simulator.call('DELETE', `${path}/rules/${rule.index}`);
    },
  };
};
