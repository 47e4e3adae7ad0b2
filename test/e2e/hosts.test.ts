import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCertificate, localCertificate } from '../support/certificates.ts';
import { type ConnectProxy, connectProxy } from '../support/connect-proxy.ts';
import { type Rehearsal, startRehearsal } from './harness.ts';

describe('over https with a private CA, through a proxy', { timeout: 180_000 }, () => {
  let certificate: LocalCertificate;
  let proxy: ConnectProxy;
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    certificate = await localCertificate();
    proxy = await connectProxy();
    rehearsal = await startRehearsal({ tls: certificate, estate: { people: 3, messages: 40, events: 10 } });
  }, 60_000);
  afterAll(async () => {
    await rehearsal.stop();
    await proxy.close();
  });

  it('ferry reaches the configured hosts and no other, uploads and token included', async () => {
    const env = {
      NODE_EXTRA_CA_CERTS: certificate.certFile,
      HTTPS_PROXY: proxy.url,
      https_proxy: proxy.url,
      NO_PROXY: '',
      no_proxy: '',
    };

    const exits = [];
    for (const step of ['discover', 'map', 'migrate', 'reconcile'])
      exits.push((await rehearsal.ferry([step], env)).exit);

    const { microsoft, google } = rehearsal.access;
    const configured = [microsoft.origin, google.origin].map((origin) => new URL(origin).host).sort();
    expect([...new Set(proxy.targets)].sort()).toEqual(configured);
    expect(exits).toEqual([0, 0, expect.toSatisfy((exit) => exit === 0 || exit === 4), 0]);
    expect(rehearsal.summary().totals.mail?.arrived).toBeGreaterThan(20);
  });

  it('without the CA nothing is trusted, and the message says so', async () => {
    const refused = await rehearsal.ferry(['discover'], { NODE_EXTRA_CA_CERTS: '' });

    expect(refused.exit).not.toBe(0);
    expect(refused.stdout).toMatch(/certificate|NODE_EXTRA_CA_CERTS/i);
  });
});
