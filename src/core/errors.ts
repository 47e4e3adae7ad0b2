/**
 * The closed set of things that can go wrong, as classes that decide what happens next. Only the adapter that
 * knows the wire turns a response into one of these, by the vendor's error code first and the status second.
 */

/** What an error stops: one item, one job (a principal's workload), or the whole run. */
export type ErrorScope = 'item' | 'job' | 'run';

export interface ErrorDetail {
  /** The vendor's own code or a stable word of ours; ends in ledgers and reports, so it never holds content. */
  code: string;
  message: string;
  scope?: ErrorScope;
  /** Milliseconds to wait before the next attempt, when the vendor said so. */
  retryAfterMs?: number;
  /** HTTP status, when there was an answer. */
  status?: number;
  /** The vendor's request id, for support cases. */
  requestId?: string;
  cause?: unknown;
}

export class MigrationError extends Error {
  override readonly name: string = 'MigrationError';
  readonly retryable: boolean = false;
  readonly code: string;
  readonly scope: ErrorScope;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;

  constructor(detail: ErrorDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = detail.code;
    this.scope = detail.scope ?? 'item';
    this.retryAfterMs = detail.retryAfterMs;
    this.status = detail.status;
    this.requestId = detail.requestId;
  }
}

/** A quota was met: nothing happened at the vendor; `retryAfterMs` closes `bucket` for everyone. */
export class Throttled extends MigrationError {
  override readonly name = 'Throttled';
  override readonly retryable = true;
}

/** A passing failure (5xx, reset, time-out, not propagated yet) of a call that is safe to repeat. */
export class Transient extends MigrationError {
  override readonly name = 'Transient';
  override readonly retryable = true;
}

/** Sign-in, consent, scope or permission: a person must act. Exit code 3. */
export class Auth extends MigrationError {
  override readonly name = 'Auth';
  constructor(detail: ErrorDetail) {
    super({ scope: 'run', ...detail });
  }
}

/** The thing named does not exist at the vendor. */
export class NotFound extends MigrationError {
  override readonly name = 'NotFound';
}

/** The vendor refused this item for good; asking again gives the same answer. */
export class Rejected extends MigrationError {
  override readonly name = 'Rejected';
}

/** A write was sent and no answer came: it may or may not have happened. Settles nothing. */
export class AmbiguousWrite extends MigrationError {
  override readonly name = 'AmbiguousWrite';
}

/** A delta link or sync token is no longer accepted: the stream starts over. */
export class CursorExpired extends MigrationError {
  override readonly name = 'CursorExpired';
}

/** One fault of a configuration or CSV file, with what was found and what is allowed. */
export interface ConfigFault {
  file: string;
  /** 1-based; 0 when the file as a whole is meant. */
  line: number;
  found: string;
  allowed: string;
}

/** Bad command, configuration or file; every fault at once. Exit code 2. */
export class Config extends MigrationError {
  override readonly name = 'Config';
  readonly faults: readonly ConfigFault[];
  constructor(message: string, faults: readonly ConfigFault[] = []) {
    super({ code: 'config', message, scope: 'run' });
    this.faults = faults;
  }
}

/** The run was asked to stop (SIGINT, SIGTERM, a closing window): resumable, exit code 130. */
export class Interrupted extends MigrationError {
  override readonly name = 'Interrupted';
  constructor(message = 'stopped on request') {
    super({ code: 'interrupted', message, scope: 'run' });
  }
}
