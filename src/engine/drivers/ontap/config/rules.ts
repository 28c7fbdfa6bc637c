import { BlockList, isIP } from 'node:net';
import type { JsonObject } from '../../../json.ts';
import { parseSize } from '../../../sizes.ts';
import type { DriverContext } from '../../driver.ts';
import { originOf } from '../client/connection.ts';
import { commentOf, longestVolumeComment } from '../labels.ts';
import { parsePermissions } from '../permissions.ts';
import { smallestVolumeBytes } from '../sizing.ts';
import { checkTemplate } from '../template.ts';
import { attempt, oneOf, refuse } from './refusals.ts';
import type { Path } from './refusals.ts';
import { checkClouds } from './cloud-rules.ts';
import { checkEconomy, checkQtreeOptions } from './economy-rules.ts';
import { checkSan, checkSanOptions } from './san-rules.ts';
import { parseConfig } from './schema.ts';
import { automaticPolicy, isEconomyDriver, isSanDriver, settingsOf } from './settings.ts';
import type { OntapSettings, PoolOptions, PoolSettings } from './settings.ts';

/** `a.b.c.d/n` or IPv6 with prefix length. */
const parseCidr = (
  text: string,
): { readonly address: string; readonly length: number; readonly family: 'ipv4' | 'ipv6' } | undefined => {
  const [address = '', length = '', ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  if (Number(length) > (version === 4 ? 32 : 128)) return undefined;
  return { address, length: Number(length), family: version === 4 ? 'ipv4' : 'ipv6' };
};

/** The networks whose addresses get export rules. Entries are checked before. */
export const networksOf = (cidrs: readonly string[]): BlockList => {
  const networks = new BlockList();
  for (const cidr of cidrs) {
    const parsed = parseCidr(cidr);
    if (parsed !== undefined) networks.addSubnet(parsed.address, parsed.length, parsed.family);
  }
  return networks;
};

/** Go's strconv.ParseBool, which stock uses for options. */
export const parseFlag = (text: string): boolean | undefined =>
  ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)
    ? true
    : ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)
      ? false
      : undefined;

const checkFlag = (path: Path, value: string, mayBeEmpty: boolean): void => {
  if ((value === '' && mayBeEmpty) || parseFlag(value) !== undefined) return;
  refuse(path, `${JSON.stringify(value)} is not "true" or "false"`);
};

const checkOptions = (options: PoolOptions, path: Path, nasType: string): void => {
  const at = (key: keyof PoolOptions): Path => [...path, 'defaults', key];
  attempt(at('size'), () => {
    if (parseSize(options.size) < smallestVolumeBytes)
      throw new Error(`${options.size} is less than the smallest volume, ${smallestVolumeBytes} bytes (20Mi)`);
  });
  oneOf(at('spaceReserve'), options.spaceReserve, ['none', 'volume']);
  if (options.snapshotPolicy === '') refuse(at('snapshotPolicy'), 'must not be empty');
  if (
    options.snapshotReserve !== '' &&
    !(/^\d{1,2}$/.test(options.snapshotReserve) && Number(options.snapshotReserve) <= 90)
  )
    refuse(at('snapshotReserve'), `${JSON.stringify(options.snapshotReserve)} is not a percentage from 0 to 90`);
  for (const key of ['snapshotDir', 'splitOnClone', 'skipRecoveryQueue', 'spaceAllocation'] as const)
    checkFlag(at(key), options[key], false);
  checkFlag(at('encryption'), options.encryption, true);
  checkFlag(at('LUKSEncryption'), options.LUKSEncryption, true);
  const styles = nasType === 'smb' ? ['ntfs', 'mixed'] : ['unix', 'mixed'];
  oneOf(at('securityStyle'), options.securityStyle, styles);
  if (options.unixPermissions !== '' && parsePermissions(options.unixPermissions) === undefined)
    refuse(
      at('unixPermissions'),
      `${JSON.stringify(options.unixPermissions)} is not a mode such as ---rwxr-xr-x or 0755`,
    );
  if (options.exportPolicy === '') refuse(at('exportPolicy'), 'must not be empty');
  oneOf(at('tieringPolicy'), options.tieringPolicy, ['', 'snapshot-only', 'auto', 'none', 'backup', 'all']);
  if (options.qosPolicy !== '' && options.adaptiveQosPolicy !== '')
    refuse(at('adaptiveQosPolicy'), 'only one of qosPolicy and adaptiveQosPolicy may be set');
  attempt(at('nameTemplate'), () => checkTemplate(options.nameTemplate));
};

/** The system chooses among all aggregates of the SVM, and makes a volume for each request. */
const checkBalanced = (path: Path, settings: OntapSettings): void => {
  if (settings.aggregate !== '' || settings.flexgroupAggregates.length > 0)
    refuse(path, 'the system cannot choose the place when aggregates are named', 'leave one of the two keys out');
  if (isEconomyDriver(settings))
    refuse(path, 'volumes that share FlexVols cannot be placed by the system', 'use ontap-nas or ontap-san');
};

const checkPool = (pool: PoolSettings, path: Path, settings: OntapSettings): void => {
  checkOptions(pool.options, path, settings.nasType);
  if (settings.given.storageDriverName === 'ontap-nas-economy') checkQtreeOptions(pool.options, path);
  if (isSanDriver(settings)) checkSanOptions(pool.options, path);
  else if (parseFlag(pool.options.LUKSEncryption) === true)
    refuse([...path, 'defaults', 'LUKSEncryption'], 'only the ontap-san drivers support it');
  checkFlag([...path, 'useBalancedPlacement'], pool.balancedPlacement, true);
  if (parseFlag(pool.balancedPlacement) === true) checkBalanced([...path, 'useBalancedPlacement'], settings);
  // What shares a FlexVol with others has no comment to carry labels. Templates in labels are filled in per volume; the
  // raw text is the best estimate here.
  if (!isEconomyDriver(settings)) attempt([...path, 'labels'], () => commentOf(pool.labels, longestVolumeComment));
};

const checkCredentials = (settings: OntapSettings): void => {
  const { given, username, password, clientCertificate, clientPrivateKey } = settings;
  if (given.credentials !== undefined && given.credentials !== null && Object.keys(given.credentials).length > 0) {
    if ((given.credentials.name ?? '') === '')
      refuse(['credentials', 'name'], 'credentials `name` field cannot be empty');
    oneOf(['credentials', 'type'], given.credentials.type ?? '', ['', 'secret', 'awsarn']);
    return;
  }
  if (clientPrivateKey !== '' && username !== '')
    refuse(['username'], 'give either username and password or clientCertificate and clientPrivateKey, not both');
  for (const [key, pem] of [
    ['clientCertificate', clientCertificate],
    ['clientPrivateKey', clientPrivateKey],
    ['trustedCACertificate', settings.trustedCACertificate],
  ] as const)
    if (pem !== '' && !pem.includes('-----BEGIN ')) refuse([key], 'is not the base64 of a PEM file');
  if ((clientCertificate === '') !== (clientPrivateKey === ''))
    refuse(
      [clientCertificate === '' ? 'clientCertificate' : 'clientPrivateKey'],
      'clientCertificate and clientPrivateKey go together; this one is missing',
    );
  if ((username === '') !== (password === ''))
    refuse([username === '' ? 'username' : 'password'], 'username and password go together; this one is missing');
  if (username === '' && clientCertificate === '')
    refuse(['username'], 'no credentials: give username and password, or clientCertificate and clientPrivateKey');
};

/**
 * Every rule that needs no array (ontap-drivers.md 2.1 to 2.6).
 * @throws Problem `config.invalid` with the path of the wrong key
 */
export const checkSettings = (settings: OntapSettings): void => {
  const { given } = settings;
  if (given.version !== 1) refuse(['version'], `${given.version} is not supported; the version is 1`);
  checkClouds(settings);
  if (given.useREST === false)
    refuse(['useREST'], 'false would need ZAPI, which is not supported; leave the key out or set it to true');
  if (settings.managementLIF === '')
    refuse(['managementLIF'], 'is required: the management address of the cluster or SVM');
  originOf(settings.managementLIF);
  checkCredentials(settings);
  // Names of the economy drivers begin with words of their own, so that a digit after them does no harm.
  const anyStart = isEconomyDriver(settings);
  if (!(anyStart ? /^[a-zA-Z0-9_.-]*$/ : /^$|^[a-zA-Z_.-][a-zA-Z0-9_.-]*$/).test(settings.prefix))
    refuse(
      ['storagePrefix'],
      `${JSON.stringify(settings.prefix)} may hold letters, digits, _ . -${anyStart ? '' : ' and must not start with a digit'}`,
    );
  oneOf(['nasType'], settings.nasType, ['nfs', 'smb']);
  oneOf(['userState'], (given.userState ?? '').toLowerCase(), ['', 'normal', 'suspended']);
  for (const [index, cidr] of settings.autoExportCIDRs.entries())
    if (parseCidr(cidr) === undefined)
      refuse(['autoExportCIDRs', index], `${JSON.stringify(cidr)} is not a network such as 10.0.0.0/8`);
  if (settings.limitVolumeSize !== '') attempt(['limitVolumeSize'], () => parseSize(settings.limitVolumeSize));
  const usage = settings.limitAggregateUsage;
  if (usage !== '' && !(/^\d{1,3}%?$/.test(usage) && Number(usage.replace('%', '')) <= 100))
    refuse(['limitAggregateUsage'], `${JSON.stringify(usage)} is not a percentage such as 80%`);
  if (!Number.isInteger(settings.cloneSplitDelaySeconds) || settings.cloneSplitDelaySeconds <= 0)
    refuse(['cloneSplitDelay'], 'must be a whole number of seconds greater than 0, as a string');
  if (isSanDriver(settings)) checkSan(settings);
  if (isEconomyDriver(settings)) checkEconomy(settings);
  checkFlag(['denyNewVolumePools'], settings.pooling.denyNewVolumePools, false);
  checkPool(settings.backend, [], settings);
  for (const [index, pool] of settings.virtualPools.entries()) checkPool(pool, ['storage', index], settings);
  if (settings.backend.options.exportPolicy === automaticPolicy && !settings.autoExportPolicy)
    refuse(['defaults', 'exportPolicy'], `${automaticPolicy} is set by autoExportPolicy; name a policy of the SVM`);
};

/** The settings of a configuration. @throws Problem `config.invalid` when it breaks a rule that needs no array */
export const readSettings = (config: JsonObject, context: DriverContext): OntapSettings => {
  const settings = settingsOf(parseConfig(config), context);
  checkSettings(settings);
  return settings;
};
