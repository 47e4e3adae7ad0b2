import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { Config, Interrupted, Transient } from '../../../src/core/errors.ts';
import { postgresFailure } from '../../../src/ledger/postgres/failures.ts';

const PLACE = 'postgres://db.example/ferry';

const refused = (code: string) => Object.assign(new DatabaseError('no', 2, 'error'), { code });
const broken = (code: string) => Object.assign(new Error('broken'), { code });

describe('a failure of PostgreSQL', () => {
  it.each(['08006', '53300', '53100', '40P01', '40001', '57P01', '57P03', '57014'])(
    'passes by itself: SQLSTATE %s',
    (code) => {
      expect(postgresFailure(refused(code), PLACE, true)).toBeInstanceOf(Transient);
    },
  );

  it.each(['28P01', '28000', '3D000', '42501', '25006'])('needs a person: SQLSTATE %s', (code) => {
    expect(postgresFailure(refused(code), PLACE, true)).toBeInstanceOf(Config);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ETIMEDOUT'])('passes by itself: %s', (code) => {
    expect(postgresFailure(broken(code), PLACE, false)).toBeInstanceOf(Transient);
  });

  it.each(['ENOTFOUND', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ENOENT'])(
    'is a wrong address until the server has answered once: %s',
    (code) => {
      expect(postgresFailure(broken(code), PLACE, false)).toBeInstanceOf(Config);
      expect(postgresFailure(broken(code), PLACE, true)).toBeInstanceOf(Transient);
    },
  );

  it('passes by itself when the connection ends without a word', () => {
    const error = new Error('Connection terminated unexpectedly');

    expect(postgresFailure(error, PLACE, false)).toMatchObject({
      scope: 'run',
      retryable: true,
      cause: error,
    });
  });

  it('stays what it is where the statement was at fault, or it was classified before', () => {
    const wrong = refused('22003');
    const stopped = new Interrupted();

    expect(postgresFailure(wrong, PLACE, true)).toBe(wrong);
    expect(postgresFailure(stopped, PLACE, true)).toBe(stopped);
  });
});
