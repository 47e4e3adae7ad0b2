import { describe, expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import { createOrigins, toRealUrl, toTwinUrl, twinsOf } from '../../src/transport/origins.ts';

const twins = twinsOf(['http://127.0.0.1:4010/', 'https://graph.microsoft.com']);

describe('origins', () => {
  it('makes a twin for plain http origins alone', () => {
    expect(twins).toEqual({ 'https://127.0.0.1:4010': 'http://127.0.0.1:4010' });
  });

  it.each([
    [
      'http://127.0.0.1:4010/v1.0/me?$skiptoken=a%2Fb%20c#x',
      'https://127.0.0.1:4010/v1.0/me?$skiptoken=a%2Fb%20c#x',
    ],
    ['http://127.0.0.1:4010', 'https://127.0.0.1:4010'],
    ['HTTP://127.0.0.1:4010/a', 'https://127.0.0.1:4010/a'],
  ])('turns %s into its twin and back without touching the rest', (real, twin) => {
    expect(toTwinUrl(real, twins)).toBe(twin);
    expect(toRealUrl(twin, twins).toLowerCase()).toBe(real.toLowerCase());
  });

  it.each([
    'http://127.0.0.1:40101/a',
    'http://127.0.0.1/a',
    '/relative',
    'https://graph.microsoft.com/v1.0',
  ])('leaves %s as it is', (url) => {
    expect(toTwinUrl(url, twins)).toBe(url);
    expect(toRealUrl(url, twins)).toBe(url);
  });

  const origins = createOrigins(['https://graph.microsoft.com'], twins);

  it.each([
    ['https://graph.microsoft.com/v1.0/users', 'https://graph.microsoft.com/v1.0/users'],
    ['https://GRAPH.microsoft.com:443/v1.0', 'https://GRAPH.microsoft.com:443/v1.0'],
    ['https://127.0.0.1:4010/v1.0', 'http://127.0.0.1:4010/v1.0'],
    ['http://127.0.0.1:4010/v1.0', 'http://127.0.0.1:4010/v1.0'],
  ])('admits %s', (url, real) => {
    expect(origins.admit(url)).toBe(real);
  });

  it.each([
    'https://graph.microsoft.com.evil.example/v1.0',
    'https://graph.microsoft.com@evil.example/v1.0',
    'https://ann:secret@graph.microsoft.com/v1.0',
    'http://graph.microsoft.com/v1.0',
    'https://graph.microsoft.com:8443/v1.0',
    'file:///etc/passwd',
    '/v1.0/users',
  ])('refuses %s and repeats no more of it than the origin', (url) => {
    const refuse = () => origins.admit(url);

    expect(refuse).toThrow(Rejected);
    expect(refuse).not.toThrow(/secret|passwd|v1\.0/);
  });
});
