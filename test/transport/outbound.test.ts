import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import nock from 'nock';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOutbound } from '../../src/transport/outbound.ts';

const servers: Server[] = [];
const folders: string[] = [];

async function listen<S extends Server>(server: S): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A proxy that notes what it is asked for and connects everything to one port. */
async function listenAsProxy(seen: string[], toPort: number): Promise<number> {
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end('through the proxy');
  });
  proxy.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    const onward = connect(toPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => end.destroy());
  });
  return listen(proxy);
}

function makeCertificate(): { folder: string; key: string; certificate: string } | null {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-ca-'));
  folders.push(folder);
  const options = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:vendor.test'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'ca.pem')];
  try {
    execFileSync('openssl', ['req', '-x509', ...options, ...names, ...files], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { folder, key: read('key.pem'), certificate: read('ca.pem') };
}

afterEach(async () => {
  vi.unstubAllEnvs();
  nock.cleanAll();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const outboundFile = new URL('../../src/transport/outbound.ts', import.meta.url).href;

/** Fetches in a process of its own, since Node reads `NODE_EXTRA_CA_CERTS` only when it starts. */
async function fetchInChild(url: string, env: Record<string, string>): Promise<string> {
  const program = `
    const { createOutbound } = await import(${JSON.stringify(outboundFile)});
    const said = await createOutbound()(${JSON.stringify(url)}).then((answer) => answer.text(), (error) => error.cause.code);
    process.stdout.write(said);`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  return stdout;
}

describe('outbound', () => {
  it('sends plain http through HTTP_PROXY, and past it for hosts that NO_PROXY names', async () => {
    const seen: string[] = [];
    const port = await listen(createServer((_request, response) => response.end('direct')));
    const proxyPort = await listenAsProxy(seen, port);
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${proxyPort}`);
    vi.stubEnv('NO_PROXY', '');

    const proxied = await createOutbound()('http://vendor.test/a').then((answer) => answer.text());
    vi.stubEnv('NO_PROXY', 'localhost,127.0.0.1');
    const direct = await createOutbound()(`http://127.0.0.1:${port}/b`).then((answer) => answer.text());

    expect([proxied, direct]).toEqual(['through the proxy', 'direct']);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain('vendor.test');
  });

  it('leaves plain http alone when only HTTPS_PROXY is set', async () => {
    const seen: string[] = [];
    const port = await listen(createServer((_request, response) => response.end('direct')));
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${await listenAsProxy(seen, port)}`);

    const text = await createOutbound()(`http://127.0.0.1:${port}/`).then((answer) => answer.text());

    expect([text, seen]).toEqual(['direct', []]);
  });

  it('tunnels https through HTTPS_PROXY and trusts the CA of NODE_EXTRA_CA_CERTS, and no other', async (context) => {
    const made = makeCertificate();
    if (!made) return context.skip('openssl is not installed');
    const seen: string[] = [];
    const secure = createTlsServer({ key: made.key, cert: made.certificate }, (_request, response) =>
      response.end('secure'),
    );
    const port = await listen(secure as unknown as Server);
    const HTTPS_PROXY = `http://127.0.0.1:${await listenAsProxy(seen, port)}`;
    const NODE_EXTRA_CA_CERTS = join(made.folder, 'ca.pem');

    const trusted = await fetchInChild(`https://127.0.0.1:${port}/`, { NODE_EXTRA_CA_CERTS });
    const untrusted = await fetchInChild(`https://127.0.0.1:${port}/`, {});
    const tunnelled = await fetchInChild('https://vendor.test/', { NODE_EXTRA_CA_CERTS, HTTPS_PROXY });

    expect([trusted, untrusted, tunnelled]).toEqual(['secure', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'secure']);
    expect(seen).toEqual(['CONNECT vendor.test:443']);
  });

  it('can be intercepted by nock', async () => {
    const outbound = createOutbound();
    nock('https://graph.microsoft.com')
      .post('/v1.0/x', { a: 1 })
      .reply(429, { error: { code: 'c' } }, { 'retry-after': '7' });

    const answer = await outbound('https://graph.microsoft.com/v1.0/x', {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await answer.json()).toEqual({ error: { code: 'c' } });
  });
});
