import { constants, createHash, createVerify, X509Certificate } from 'node:crypto';

/** What is wrong with a client assertion: an AADSTS number and its text; null where nothing is. */
export type AssertionFault = { code: number; text: string } | null;

export interface AssertionRules {
  clientId: string;
  tenants: readonly string[];
  /** PEM certificates whose signature is verified. */
  certificates: readonly string[];
  /** SHA-1 or SHA-256 thumbprints (hex) that are known without their certificate: signature not verified. */
  thumbprints: readonly string[];
  nowMs: number;
}

interface JwtHeader {
  alg?: string;
  x5t?: string;
  'x5t#S256'?: string;
}

interface JwtClaims {
  aud?: string;
  iss?: string;
  sub?: string;
  nbf?: number;
  exp?: number;
}

/** Clock skew that Entra forgives, seconds. */
const SKEW_SECONDS = 300;

/**
 * Checks a certificate assertion as Entra does: registered certificate and signature, audience = the token endpoint,
 * issuer = subject = the client, time. Source: Entra, certificate-credentials page (PS256 with x5t#S256, RS256 with
 * x5t).
 */
export function checkAssertion(assertion: string, rules: AssertionRules): AssertionFault {
  const [head = '', body = '', signature = ''] = assertion.split('.');
  const header = decode<JwtHeader>(head);
  const claims = decode<JwtClaims>(body);
  if (!header || !claims || !signature) {
    return { code: 50027, text: 'JWT token is invalid or malformed.' };
  }
  if (claims.iss !== rules.clientId || claims.sub !== rules.clientId) {
    return {
      code: 700213,
      text: `No matching federated identity record found for presented assertion subject '${claims.sub ?? ''}'.`,
    };
  }
  if (!isSigned(header, `${head}.${body}`, signature, rules)) {
    return {
      code: 700027,
      text: 'The certificate with identifier used to sign the client assertion is not registered on application.',
    };
  }
  if (!isAudience(claims.aud, rules.tenants)) {
    return { code: 700023, text: 'Client assertion audience claim does not match Realm issuer.' };
  }
  const now = rules.nowMs / 1000;
  if (!claims.exp || claims.exp < now - SKEW_SECONDS || (claims.nbf ?? 0) > now + SKEW_SECONDS) {
    return { code: 700024, text: 'Client assertion is not within its valid time range.' };
  }
  return null;
}

function isSigned(header: JwtHeader, text: string, signature: string, rules: AssertionRules): boolean {
  const named = [header.x5t, header['x5t#S256']].filter((one) => one !== undefined).map(hexOf);
  const certificate = rules.certificates
    .map((pem) => new X509Certificate(pem))
    .find((one) => thumbprintsOf(one).some((print) => named.includes(print)));
  if (!certificate)
    return rules.thumbprints.some((print) => named.includes(print.toLowerCase().replaceAll(':', '')));
  const padding = header.alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return createVerify('sha256')
    .update(text)
    .verify({ key: certificate.publicKey, padding }, Buffer.from(signature, 'base64url'));
}

function thumbprintsOf(certificate: X509Certificate): string[] {
  return ['sha1', 'sha256'].map((name) => createHash(name).update(certificate.raw).digest('hex'));
}

/** `x5t` is base64url of the digest; some libraries put its hex digits there. */
function hexOf(thumbprint: string): string {
  const decoded = Buffer.from(thumbprint, 'base64url');
  return decoded.length === 20 || decoded.length === 32 ? decoded.toString('hex') : thumbprint.toLowerCase();
}

function isAudience(audience: string | undefined, tenants: readonly string[]): boolean {
  return tenants.some((tenant) =>
    [`/${tenant}/oauth2/v2.0/token`, `/${tenant}/v2.0`, `/${tenant}/oauth2/token`].some((end) =>
      audience?.toLowerCase().endsWith(end.toLowerCase()),
    ),
  );
}

function decode<T>(text: string): T | null {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as T;
  } catch {
    return null;
  }
}
