import { type Answer, textOf, textsOf } from './answers.ts';

/** The part behind the last `@`, lower case. */
export function domainOf(address: string): string {
  return address.split('@').at(-1)?.toLowerCase() ?? '';
}

export function isGuest(answer: Answer): boolean {
  return (
    textOf(answer.userType).toLowerCase() === 'guest' || textOf(answer.userPrincipalName).includes('#EXT#')
  );
}

/** The primary address: capital `SMTP:`, else mail, else UPN; lower case. */
export function primaryOf(answer: Answer): string {
  const primary = textsOf(answer.proxyAddresses).find((address) => address.startsWith('SMTP:'));
  return (primary?.slice(5) || textOf(answer.mail) || textOf(answer.userPrincipalName)).toLowerCase();
}

/** Further addresses (`smtp:`), each once, lower case. */
export function aliasesOf(answer: Answer, primary: string): string[] {
  const proxies = textsOf(answer.proxyAddresses).filter((address) => /^smtp:/i.test(address));
  const aliases = new Set(proxies.map((address) => address.slice(5).toLowerCase()));
  aliases.delete(primary);
  return [...aliases];
}
