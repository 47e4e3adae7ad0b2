import { AmbiguousWrite, Config, type MigrationError, Transient } from '../core/errors.ts';
import type { MethodRow } from './types.ts';

/** Error codes of Node and undici that can only arise before a byte of the request has left. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const NEVER_SENT_CALLS = new Set(['connect', 'getaddrinfo']);

const UNTRUSTED =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER))/;

/**
 * An answer that did not come, or not whole: `AmbiguousWrite` where a blind repeat could do the work twice,
 * `Transient` otherwise.
 */
export function lostAnswer(write: MethodRow['write'], code: string, cause: unknown): MigrationError {
  if (write !== 'once') {
    return new Transient({ code, message: `the answer did not come whole (${code})`, cause });
  }
  const message = `a write was sent and its answer did not come whole (${code})`;
  return new AmbiguousWrite({ code, message, cause });
}

/** What a failure of the connection means: never sent is safe to repeat, whatever the call. */
export function connectionFailure(write: MethodRow['write'], cause: unknown): MigrationError {
  const faults = faultsIn(cause);
  const untrusted = faults.find((fault) => UNTRUSTED.test(fault.code ?? ''));
  if (untrusted) {
    return new Config(
      `the server's certificate is not trusted (${untrusted.code}); name its CA in NODE_EXTRA_CA_CERTS`,
    );
  }
  const code = faults.find((fault) => fault.code)?.code ?? 'connection-failed';
  if (!isNeverSent(faults)) return lostAnswer(write, code, cause);
  return new Transient({ code, message: `no connection could be opened (${code})`, cause });
}

interface Fault {
  code?: string;
  syscall?: string;
}

function isNeverSent(faults: readonly Fault[]): boolean {
  return faults.some(
    (fault) => NEVER_SENT.has(fault.code ?? '') || NEVER_SENT_CALLS.has(fault.syscall ?? ''),
  );
}

/** The error, its causes, and the parts of aggregates (one per address tried), outermost first. */
function faultsIn(cause: unknown): Fault[] {
  const faults: Fault[] = [];
  let next: unknown = cause;
  for (let depth = 0; next instanceof Error && depth < 8; depth += 1) {
    faults.push(faultOf(next));
    if (next instanceof AggregateError) faults.push(...next.errors.filter(isError).map(faultOf));
    next = next.cause;
  }
  return faults;
}

function isError(value: unknown): value is Error {
  return value instanceof Error;
}

function faultOf(error: Error): Fault {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof syscall === 'string' ? { syscall } : {}),
  };
}
