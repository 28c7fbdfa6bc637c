import { Refusal } from '../core/refusal.ts';

const LONGEST = 96;

const refuse = (code: number, name: string, why: string) =>
  new Refusal(400, code, `The initiator "${name}" is not valid: ${why}.`, 'initiators.name');

const isWwpn = (name: string): boolean => /^([0-9a-f]{2}:){7}[0-9a-f]{2}$/i.test(name) || /^[0-9a-f]{16}$/i.test(name);

const checkIqn = (name: string) => {
  const [, date, ...rest] = name.split('.');
  const authority = rest.join('.');
  if (date === undefined || date === '' || authority === '')
    throw refuse(5373969, name, 'something must follow the prefix');
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(date)) throw refuse(5373971, name, 'its date is not of the form yyyy-mm');
  if (!/^[A-Za-z0-9.:-]+$/.test(authority))
    throw refuse(5373972, name, 'its naming authority has other characters than letters, digits, ".", ":" and "-"');
};

const checkEui = (name: string) => {
  const digits = name.slice('eui.'.length);
  if (digits.length !== 16) throw refuse(5373977, name, 'an EUI has 16 hexadecimal digits');
  if (!/^[0-9a-f]{16}$/i.test(digits)) throw refuse(5373978, name, 'an EUI has 16 hexadecimal digits');
};

/** Refuses a name that is no iSCSI initiator. */
export const checkIscsiName = (name: string): void => {
  if (/^iqn(\.|$)/i.test(name)) return checkIqn(name);
  if (/^eui\./i.test(name)) return checkEui(name);
  throw refuse(5374039, name, 'it is not the name of an iSCSI initiator');
};

/** Refuses a name that the protocol of its igroup does not have; `mixed` has both. */
export const checkInitiatorName = (name: string, protocol: string): void => {
  if (name.length > LONGEST) throw refuse(5373992, name, `it is longer than ${LONGEST} characters`);
  const fibreChannel = isWwpn(name);
  if (protocol === 'fcp' && !fibreChannel) throw refuse(5374038, name, 'it is not a Fibre Channel WWPN');
  if (protocol === 'iscsi' || /^(iqn|eui)\b/i.test(name)) return checkIscsiName(name);
  if (!fibreChannel) throw refuse(5373993, name, 'it has no known form');
};

/** One form for each initiator: WWPNs in lower case with colons, IQNs as they are. */
export const canonicalInitiator = (name: string): string => {
  if (!isWwpn(name)) return name;
  return (name.replaceAll(':', '').toLowerCase().match(/../g) ?? []).join(':');
};
