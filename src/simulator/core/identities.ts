import { createAuthority, type Authority, type KeyedCertificate } from './certificate.ts';

/** Certificates that clients must not trust; each is made once, when it is needed. */
export const flawedIdentities = (authority: Authority, host: string) => {
  const made = new Map<string, KeyedCertificate>();
  const issue = {
    expired: () => authority.issueExpiredServer(host),
    'wrong-host': () => authority.issueForeignServer(),
    'unknown-authority': () => createAuthority('Somebody else').issueServer(host),
  };
  return (flaw: keyof typeof issue): KeyedCertificate => {
    const identity = made.get(flaw) ?? issue[flaw]();
    made.set(flaw, identity);
    return identity;
  };
};
