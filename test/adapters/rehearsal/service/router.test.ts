import { describe, expect, it } from 'vitest';
import { createRouter } from '../../../../adapters/rehearsal/service/router.ts';

const route = createRouter([
  { name: 'get', method: 'GET', path: '/v1/users/{user}' },
  { name: 'me', method: 'GET', path: '/v1/users/me' },
  { name: 'delete', method: 'DELETE', path: '/v1/users/{user}', writes: true },
  { name: 'verb', method: 'POST', path: '/v1/people/{person}:update' },
]);

describe('the router', () => {
  it.each([
    ['GET', '/v1/users/ann%40old.example', 'get', { user: 'ann@old.example' }],
    ['GET', '/v1/users/a%2Fb', 'get', { user: 'a/b' }],
    ['GET', '/v1/users/me', 'me', {}],
    ['GET', '/v1/users/me/', 'me', {}],
    ['POST', '/v1/people/c1:update', 'verb', { person: 'c1' }],
  ])('leads %s %s to %s', (method, path, name, params) => {
    const found = route(method, path);

    expect(found).toMatchObject({ kind: 'found', match: { route: name, params } });
  });

  it('tells a wrong method from an unknown path', () => {
    expect(route('PATCH', '/v1/users/ann')).toEqual({ kind: 'wrong-method', allowed: ['GET', 'DELETE'] });
    expect(route('GET', '/v1/users/ann/photo')).toEqual({ kind: 'unknown' });
    expect(route('GET', '/v1/users/%E0%A4%A')).toEqual({ kind: 'unknown' });
  });
});
