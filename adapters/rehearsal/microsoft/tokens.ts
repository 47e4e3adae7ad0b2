import { createHmac, timingSafeEqual } from 'node:crypto';

/** Claims of an app-only access token (Entra, access-token-claims page). */
export interface AccessClaims {
  aud: string;
  iss: string;
  iat: number;
  nbf: number;
  exp: number;
  appid: string;
  tid: string;
  roles?: readonly string[];
  /** Rises when a test makes all earlier tokens expire; no vendor's claim. */
  epoch: number;
}

/** Issues and reads tokens that only this tenant can have issued: access tokens, page tokens, delta tokens. */
export interface Seals {
  issueAccess(claims: AccessClaims): string;
  /** Null for a token that this tenant did not issue. */
  readAccess(token: string): AccessClaims | null;
  /** An opaque token that carries a value. */
  seal(value: object): string;
  /** The value of `seal`; null for anything else. */
  open(token: string): Record<string, unknown> | null;
}

/** Creates the seals of one tenant; the key comes from its seed. */
export function createSeals(key: string): Seals {
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const verify = (text: string, signature: string) => {
    const [wanted, given] = [Buffer.from(sign(text)), Buffer.from(signature)];
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  };
  return {
    issueAccess(claims) {
      const text = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
      return `${text}.${sign(text)}`;
    },
    readAccess(token) {
      const [header = '', claims = '', signature = ''] = token.split('.');
      return verify(`${header}.${claims}`, signature) ? (decode(claims) as unknown as AccessClaims) : null;
    },
    seal(value) {
      const text = encode(value);
      return `${text}-${sign(text).slice(0, 20)}`;
    },
    open(token) {
      const text = token.slice(0, -21);
      return token.at(-21) === '-' && sign(text).startsWith(token.slice(-20)) ? decode(text) : null;
    },
  };
}

function decode(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return null;
  }
}
