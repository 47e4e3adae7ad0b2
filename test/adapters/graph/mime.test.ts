import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGraphConnection, type GraphConnection } from '../../../adapters/graph/client.ts';
import { createMailSource } from '../../../adapters/graph/mail.ts';
import { silent } from '../../../src/core/log.ts';
import type { MimeMessage } from '../../../src/core/microsoft.ts';
import { IdleClock } from '../../support/idle-clock.ts';
import { jobOf, listedKey } from './jobs.ts';
import { connection, never } from './tenant-double.ts';

const job = jobOf('mail');
const HEADER = 'Message-ID: <a@b>\r\nContent-Type: multipart/mixed; boundary="b1"\r\n\r\n';
const BODY = '--b1\r\n\r\ntext\r\n--b1--\r\n';

type Script = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let tenant: GraphConnection;
let script: Script[] = [];
let requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.method === 'POST') return void json(response, { access_token: 't', expires_in: 3600 });
    requests.push(request.url ?? '');
    (script.length > 1 ? script.shift() : script[0])?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const source = { ...connection, authority: origin, endpoint: origin };
  tenant = createGraphConnection(source, { clock: new IdleClock(), log: silent });
});
afterEach(() => {
  requests = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function json(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function text(mime: string): Script {
  return (_request, response) =>
    response.setHeader('content-type', 'text/plain').end(Buffer.from(mime, 'latin1'));
}

/** Announces more than it sends, then closes. */
function torn(mime: string): Script {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': String(mime.length + 10) });
    response.write(mime, () => response.destroy());
  };
}

async function read(...answers: Script[]): Promise<MimeMessage> {
  script = answers;
  return (await createMailSource(tenant.client).get(job, listedKey('AAk='), never)) as MimeMessage;
}

async function restOf(message: MimeMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of message.rest.open(never)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

describe('a small message', () => {
  it('comes whole, split after the blank line, bytes as they are', async () => {
    const raw = HEADER.replace('\r\n\r\n', '\nX: \xff\xe9\n\n') + BODY;
    const message = await read(text(raw));

    expect(requests).toEqual(['/v1.0/users/oid-ann/messages/AAk%3D/$value']);
    expect(Buffer.concat([message.header, message.rest.whole ?? Buffer.alloc(0)]).toString('latin1')).toBe(
      raw,
    );
    expect(message.rest.bytes).toBe(BODY.length);
    expect(await restOf(message)).toBe(BODY);
    expect(await restOf(message)).toBe(BODY);
  });

  it('is read again after it broke off', async () => {
    const message = await read(torn(HEADER + BODY.slice(0, 9)), text(HEADER + BODY));

    expect(await restOf(message)).toBe(BODY);
  });

  it('is read again when it ends before its closing boundary, although the server calls that whole', async () => {
    const message = await read(text(HEADER + BODY.slice(0, 12)), text(HEADER + BODY));

    expect(await restOf(message)).toBe(BODY);
    expect(requests).toHaveLength(2);
  });

  it('is believed to have no closing boundary once it came alike three times', async () => {
    const message = await read(text(`${HEADER}--b1\r\n\r\nnever closed`));

    expect(await restOf(message)).toBe('--b1\r\n\r\nnever closed');
    expect(requests).toHaveLength(3);
  });

  it('that ends elsewhere each time is never accepted', async () => {
    let length = 5;
    const cutting: Script = (request, response) => text(HEADER + BODY.slice(0, length++))(request, response);

    await expect(read(cutting)).rejects.toMatchObject({ name: 'Transient', code: 'mime-cut' });
  });

  it('without a blank line is all header', async () => {
    const message = await read(text('Subject: a'));

    expect(Buffer.from(message.header).toString()).toBe('Subject: a');
    expect(message.rest.bytes).toBe(0);
  });

  it('that Exchange cannot render is rejected for good, at once', async () => {
    const error = {
      error: { code: 'ErrorMimeContentConversionFailed', message: 'MIME content conversion failed.' },
    };
    const refuse: Script = (_request, response) => json(response, error, 500);

    await expect(read(refuse)).rejects.toMatchObject({ name: 'Rejected', code: 'mime-conversion-failed' });
    expect(requests).toHaveLength(1);
  });

  it('that has gone is not found', async () => {
    const refuse: Script = (_request, response) =>
      json(response, { error: { code: 'ErrorItemNotFound', message: '' } }, 404);

    await expect(read(refuse)).rejects.toMatchObject({ name: 'NotFound', scope: 'item' });
  });
});

describe('a large message', () => {
  const part = `${'x'.repeat(76)}\r\n`.repeat(40_000);
  const large = (boundary: string) => `--${boundary}\r\n\r\n${part}--${boundary}--\r\n`;

  it('comes with its header read ahead and a rest that can be opened again', async () => {
    const message = await read(text(HEADER + large('b1')));

    expect(Buffer.from(message.header).toString()).toBe(HEADER);
    expect(message.rest).toMatchObject({ bytes: null, whole: null });
    expect(await restOf(message)).toBe(large('b1'));
    expect(await restOf(message)).toBe(large('b1'));
  });

  it('fits its header even when it is rendered with another boundary the second time', async () => {
    const message = await read(text(HEADER + large('b1')), text(HEADER.replace('b1', 'b2') + large('b2')));

    expect(await restOf(message)).toBe(large('b1'));
  });

  it('is refused when its header changed in between', async () => {
    const message = await read(text(HEADER + large('b1')), text(`X: y\r\n${HEADER}${large('b1')}`));

    await expect(restOf(message)).rejects.toMatchObject({ name: 'Transient', code: 'mime-cut' });
  });

  it('that breaks off in mid-stream throws Transient', async () => {
    const message = await read(text(HEADER + large('b1')), torn(HEADER + large('b1').slice(0, 2_000_000)));

    await expect(restOf(message)).rejects.toMatchObject({ name: 'Transient' });
  });

  it('that ends early in silence throws, and passes when it ends there again', async () => {
    const cutBody = large('b1').slice(0, 2_000_000);
    const message = await read(text(HEADER + cutBody));

    await expect(restOf(message)).rejects.toMatchObject({ code: 'mime-cut' });
    expect(await restOf(message)).toBe(cutBody);
  });

  it('frees its place in the mailbox when it is put down half read', async () => {
    for (let round = 0; round < 6; round += 1) {
      const message = await read(text(HEADER + large('b1')));
      for await (const _chunk of message.rest.open(never)) break;
    }

    expect(requests).toHaveLength(12);
  });
});
