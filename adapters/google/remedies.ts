import type { ErrorScope } from '../../src/core/errors.ts';

/** The bucket that a throttle of the whole project closes, by the first word of the method. */
export const PROJECT_FENCES: Readonly<Record<string, string>> = {
  gmail: 'gmail:project',
  calendar: 'calendar:project',
};

export interface Remedy {
  /** Stable code of the error. */
  code: string;
  /** What a person has to do; names no address. */
  text: string;
  scope: ErrorScope;
}

const DELEGATION =
  'Admin console > Security > Access and data control > API controls > Manage domain-wide delegation';

/** A refusal that concerns one mailbox stops its job; one that concerns the administrator stops the run. */
function scopeOf(method: string): ErrorScope {
  return /^(gmail|calendar)\./.test(method) ? 'job' : 'run';
}

/**
 * What to do about a refused sign-in or permission, by the vendor's reason (token endpoint: its `error` and, since it
 * gives no finer code, the text of its description).
 */
export function remedyOf(reason: string | null, method: string, message: string): Remedy {
  switch (reason) {
    case 'invalid_grant':
      return grantRemedy(message);
    case 'unauthorized_client':
    case 'access_denied':
      return {
        code: 'unauthorized_client',
        text: `Google does not let this service account act for others with the scopes asked for: ${DELEGATION}, add its client id with every scope of "ferry doctor"`,
        scope: 'run',
      };
    case 'invalid_client':
      return {
        code: 'invalid_client',
        text: 'Google does not know this service account: check the key file, and that the account is neither disabled nor deleted',
        scope: 'run',
      };
    case 'invalid_scope':
      return {
        code: 'invalid_scope',
        text: 'Google does not know one of the scopes asked for',
        scope: 'run',
      };
    default:
      return permissionRemedy(reason, method);
  }
}

/** Texts of the token endpoint for `invalid_grant`: clock, key, subject. */
function grantRemedy(message: string): Remedy {
  if (/timeframe|short-lived|iat|exp\b|expired/i.test(message)) {
    return {
      code: 'clock-skew',
      text: 'Google finds the sign-in assertion outside its time of validity: set the clock of this machine',
      scope: 'run',
    };
  }
  if (/signature/i.test(message)) {
    return {
      code: 'key-revoked',
      text: 'Google does not accept the signature: the key of the service account was revoked or replaced; issue a new key file',
      scope: 'run',
    };
  }
  if (/email|user|account|subject/i.test(message)) return unknownSubject();
  return {
    code: 'invalid_grant',
    text: 'Google refused the sign-in assertion: check the clock of this machine, that the key was not revoked, and that the impersonated user exists and is active',
    scope: 'job',
  };
}

function unknownSubject(): Remedy {
  return {
    code: 'subject-unknown',
    text: 'Google does not know the impersonated user, or it is suspended, or it was created moments ago',
    scope: 'job',
  };
}

function permissionRemedy(reason: string | null, method: string): Remedy {
  if (method.startsWith('iam.')) return signingRemedy();
  const scope = scopeOf(method);
  switch (reason) {
    case 'authError':
      return { code: 'unauthorized', text: `Google no longer accepts the token for ${method}`, scope };
    case 'accessNotConfigured':
    case 'SERVICE_DISABLED':
      return {
        code: 'api-disabled',
        text: `the API behind ${method} is switched off: Google Cloud console > APIs and services > enable it for the project of the service account`,
        scope: 'run',
      };
    case 'insufficientPermissions':
    case 'ACCESS_TOKEN_SCOPE_INSUFFICIENT':
      return {
        code: 'scope-missing',
        text: `the token does not cover ${method}: ${DELEGATION}, add the scope that "ferry doctor" names`,
        scope: 'run',
      };
    case 'domainPolicy':
    case 'notACalendarUser':
      return {
        code: reason === 'domainPolicy' ? 'service-off' : 'no-calendar',
        text: `the service behind ${method} is off for this user: Admin console > Apps > Google Workspace, switch it on for the org unit and assign a licence`,
        scope,
      };
    default:
      return {
        code: reason ?? 'forbidden',
        text: `Google forbids ${method}: the impersonated administrator needs the role for it (Admin console > Account > Admin roles), the mailbox its licence`,
        scope,
      };
  }
}

function signingRemedy(): Remedy {
  return {
    code: 'signing-refused',
    text: 'the caller may not sign for this service account: enable iamcredentials.googleapis.com and grant the role Service Account Token Creator on it',
    scope: 'run',
  };
}
