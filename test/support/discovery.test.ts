import { describe, expect, it } from 'vitest';
import { loadDiscovery } from './discovery.ts';

const gmail = loadDiscovery('gmail.v1');
const directory = loadDiscovery('admin.directory_v1');
const request = (method: string, url: string, body?: unknown) => {
  const { pathname, searchParams } = new URL(url, 'https://x.example');
  return { method, path: pathname, query: searchParams, body };
};

describe.skipIf(!gmail || !directory)('a discovery document (skipped: ../shared/contracts is absent)', () => {
  it.each([
    ['GET', '/gmail/v1/users/me/messages?q=a&maxResults=5&quotaUser=x', undefined],
    ['POST', '/gmail/v1/users/me/messages/m1/modify', { addLabelIds: ['INBOX'] }],
    ['POST', '/upload/gmail/v1/users/me/messages/import?uploadType=multipart&neverMarkSpam=true', undefined],
    ['POST', '/resumable/upload/gmail/v1/users/me/drafts?uploadType=resumable', undefined],
  ])('accepts %s %s', (method, url, body) => {
    expect(gmail!.validateRequest(request(method, url, body))).toEqual([]);
  });

  it('finds a method whose last part may hold slashes', () => {
    const { path } = request('GET', '/admin/directory/v1/customer/my_customer/orgunits/A/B');

    expect(directory!.methodOf({ method: 'GET', path })).toBe('directory.orgunits.get');
  });

  it.each([
    ['an unknown path', 'GET', '/gmail/v1/users/me/folders', undefined],
    ['an unknown query name', 'GET', '/gmail/v1/users/me/messages?limit=5', undefined],
    ['a wrong type in the query', 'GET', '/gmail/v1/users/me/messages?maxResults=many', undefined],
    ['a word that is not allowed', 'POST', '/gmail/v1/users/me/messages?internalDateSource=now', undefined],
    ['an unknown body field', 'POST', '/gmail/v1/users/me/labels', { title: 'A' }],
    ['a wrong type in the body', 'POST', '/gmail/v1/users/me/messages/m1/modify', { addLabelIds: 'INBOX' }],
    ['a body where none belongs', 'DELETE', '/gmail/v1/users/me/drafts/d1', { id: 'd1' }],
  ])('reports %s', (_title, method, url, body) => {
    expect(gmail!.validateRequest(request(method, url, body))).toHaveLength(1);
  });

  it('judges answers', () => {
    expect(gmail!.validateResponse('gmail.users.labels.list', { labels: [{ id: 'a' }] })).toEqual([]);
    expect(gmail!.validateResponse('gmail.users.labels.list', { items: [] })).toHaveLength(1);
    expect(gmail!.validateResponse('gmail.users.drafts.delete', '')).toEqual([]);
  });
});
