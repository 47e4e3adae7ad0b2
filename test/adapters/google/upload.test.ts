import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createGoogleConnection } from '../../../adapters/google/client.ts';
import { type MessageUpload, uploadMessage } from '../../../adapters/google/upload.ts';
import { type Chunk, chunksOf } from '../../../adapters/google/upload-chunks.ts';
import { NotFound, Transient } from '../../../src/core/errors.ts';
import { silent } from '../../../src/core/log.ts';
import type { MimeRest } from '../../../src/core/microsoft.ts';
import { IdleClock } from '../../support/idle-clock.ts';
import { ANN, never, target } from './tenant.ts';

const CHUNK = 5 * 1024 * 1024;
const HEADER = Buffer.from('Message-ID: <a1@old.example>\r\nSubject: 8-bit\r\n\r\n');

/** Bytes of every value, so that any decoding on the way would show. */
function eightBit(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 0xff));
}

function streamed(
  bytes: Buffer,
  facts: { announced?: number | null; failAfter?: number; error?: Error } = {},
): MimeRest {
  const { announced = bytes.byteLength, failAfter, error } = facts;
  return {
    bytes: announced,
    whole: null,
    async *open() {
      for (let at = 0; at < bytes.byteLength; at += 64 * 1024) {
        if (failAfter !== undefined && at >= failAfter)
          throw error ?? new Transient({ code: 'cut', message: 'cut' });
        yield bytes.subarray(at, at + 64 * 1024);
      }
    },
  };
}

interface Session {
  bytes: Buffer;
  done: boolean;
}

/** Gmail's upload endpoints on loopback: it stores what arrives whole, and only that. */
class UploadServer {
  readonly stored: Buffer[] = [];
  readonly broken: string[] = [];
  readonly ranges: string[] = [];
  readonly paths: string[] = [];
  /** Called for each chunk before it is answered; true: the connection breaks. */
  losesAnswer: (chunk: number, moment: 'before' | 'after') => boolean = () => false;
  location = (path: string) => path;
  /** Bytes of each chunk that are taken, the rest is left for the client to send again. */
  takes = Number.POSITIVE_INFINITY;
  forgets = new Set<number>();
  #chunks = 0;
  readonly #sessions: Session[] = [];
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://x.example');
    if (url.pathname === '/token') {
      reply(response, 200, { access_token: 't', expires_in: 3599 });
      return;
    }
    this.paths.push(`${request.method} ${url.pathname}`);
    let body: Buffer;
    try {
      body = Buffer.concat(await request.toArray());
    } catch (error) {
      this.broken.push(String(error));
      return;
    }
    if (url.pathname.startsWith('/session/')) return this.#chunk(request, response, body, url);
    if (url.searchParams.get('uploadType') !== 'resumable') return this.#multipart(request, response, body);
    if (!url.pathname.startsWith(this.location('/upload').slice(0, 7))) {
      reply(response, 404, {});
      return;
    }
    this.#sessions.push({ bytes: Buffer.alloc(0), done: false });
    response.setHeader('location', this.location(`/session/${this.#sessions.length - 1}`));
    reply(response, 200, {});
  }

  #multipart(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const boundary = /boundary=(\S+)/.exec(request.headers['content-type'] ?? '')?.[1];
    const end = body.lastIndexOf(`\r\n--${boundary}--`, undefined, 'latin1');
    if (end < 0) {
      reply(response, 400, {});
      return;
    }
    const start = body.indexOf('message/rfc822\r\n\r\n', 0, 'latin1') + 'message/rfc822\r\n\r\n'.length;
    this.#store(body.subarray(start, end), response);
  }

  #chunk(request: IncomingMessage, response: ServerResponse, body: Buffer, url: URL): void {
    const at = Number(url.pathname.split('/').at(-1));
    const session = this.#sessions[at];
    const range = request.headers['content-range'] ?? '';
    this.ranges.push(range);
    if (!session || this.forgets.has(at)) reply(response, 404, {});
    else if (range === 'bytes */*') this.#tell(session, response);
    else this.#take(request, response, body, range, session);
  }

  #take(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    range: string,
    session: Session,
  ): void {
    const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
    const fits =
      Number(from) === session.bytes.byteLength && Number(to) - Number(from) + 1 === body.byteLength;
    const isLast = total !== '*';
    this.#chunks += 1;
    if (this.losesAnswer(this.#chunks, 'before')) {
      request.socket.destroy();
    } else if (!fits || (!isLast && body.byteLength % (256 * 1024) !== 0)) {
      reply(response, 400, {});
    } else {
      session.bytes = Buffer.concat([session.bytes, body.subarray(0, this.takes)]);
      session.done = isLast && session.bytes.byteLength === Number(total);
      if (session.done) this.stored.push(session.bytes);
      if (this.losesAnswer(this.#chunks, 'after')) request.socket.destroy();
      else this.#tell(session, response);
    }
  }

  #tell(session: Session, response: ServerResponse): void {
    if (session.done) {
      reply(response, 200, { id: `m${this.stored.length}`, labelIds: [] });
      return;
    }
    if (session.bytes.byteLength > 0) response.setHeader('range', `bytes=0-${session.bytes.byteLength - 1}`);
    reply(response, 308, null);
  }

  #store(bytes: Buffer, response: ServerResponse): void {
    this.stored.push(bytes);
    reply(response, 200, { id: `m${this.stored.length}`, labelIds: [] });
  }
}

function reply(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(json === null ? '' : JSON.stringify(json));
}

const servers: UploadServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

async function upload(rest: MimeRest, prepare: (server: UploadServer) => void = () => {}) {
  const server = new UploadServer();
  servers.push(server);
  prepare(server);
  const endpoint = await server.start();
  const { credential } = target();
  const connection = target({
    endpoint,
    credential: { ...credential, tokenUri: `${endpoint}/token` } as never,
  });
  const google = createGoogleConnection(connection, { clock: new IdleClock(), log: silent });
  const message: MessageUpload = {
    method: 'gmail.messages.import',
    query: { fields: 'id' },
    metadata: { labelIds: ['INBOX'] },
    header: HEADER,
    rest,
  };
  const answer = uploadMessage(google, ANN, message, never).then(
    (stored) => ({ stored, error: null }),
    (error: unknown) => ({ stored: null, error }),
  );
  return { server, ...(await answer) };
}

describe('one request', () => {
  it.each([
    ['whole', (bytes: Buffer): MimeRest => ({ ...streamed(bytes), whole: bytes })],
    ['streamed', (bytes: Buffer): MimeRest => streamed(bytes)],
  ])('carries %s bytes unchanged', async (_title, restOf) => {
    const body = eightBit(300_000);

    const { server, stored } = await upload(restOf(body));

    expect(stored?.id).toBe('m1');
    expect(server.stored[0]!.equals(Buffer.concat([HEADER, body]))).toBe(true);
  });

  it('is broken off when the source fails, tried again, and never accepted by halves', async () => {
    const { server, error } = await upload(streamed(eightBit(300_000), { failAfter: 100_000 }));

    expect(error).toMatchObject({ name: 'Transient', code: 'cut' });
    expect(server.broken.length).toBeGreaterThan(0);
    expect(server.stored).toEqual([]);
  });

  it.each([-1, 1])('is broken off when the source ends with a length wrong by %d', async (wrong) => {
    const { server, error } = await upload(streamed(eightBit(300_000), { announced: 300_000 + wrong }));

    expect(error).toMatchObject({ code: 'source-length' });
    expect(server.stored).toEqual([]);
  });

  it('tells that the message is gone at the source', async () => {
    const gone = new NotFound({ code: 'ErrorItemNotFound', message: 'gone' });

    const { error } = await upload(streamed(eightBit(300_000), { failAfter: 0, error: gone }));

    expect(error).toBe(gone);
  });
});

describe('a resumable upload', () => {
  const body = eightBit(2 * CHUNK + 12_345);
  const unknown = (facts = {}) => streamed(body, { announced: null, ...facts });
  const arrived = (server: UploadServer) =>
    server.stored.map((bytes) => bytes.equals(Buffer.concat([HEADER, body])));

  it('sends chunks whose total stays open until the last', async () => {
    const { server, stored } = await upload(unknown());

    expect(stored?.id).toBe('m1');
    expect(arrived(server)).toEqual([true]);
    const total = HEADER.byteLength + body.byteLength;
    expect(server.ranges).toEqual([
      `bytes 0-${CHUNK - 1}/*`,
      `bytes ${CHUNK}-${2 * CHUNK - 1}/*`,
      `bytes ${2 * CHUNK}-${total - 1}/${total}`,
    ]);
  });

  it.each([
    { chunk: 1, moment: 'before' },
    { chunk: 2, moment: 'after' },
    { chunk: 3, moment: 'before' },
    { chunk: 3, moment: 'after' },
  ])('goes on where it stood when the answer to chunk $chunk is lost $moment its effect', async (lost) => {
    const { server, stored } = await upload(unknown(), (prepared) => {
      let isFirst = true;
      prepared.losesAnswer = (chunk, moment) => {
        const loses = isFirst && chunk === lost.chunk && moment === lost.moment;
        if (loses) isFirst = false;
        return loses;
      };
    });

    expect(stored?.id).toBe('m1');
    expect(arrived(server)).toEqual([true]);
    expect(server.ranges).toContain('bytes */*');
  });

  it('sends the rest of a chunk of which only a part was taken', async () => {
    const { server } = await upload(unknown(), (prepared) => {
      prepared.takes = 3 * 1024 * 1024;
    });

    expect(arrived(server)).toEqual([true]);
  });

  it('starts over when the session is lost before the last chunk', async () => {
    const { server, stored } = await upload(unknown(), (prepared) => prepared.forgets.add(0));

    expect(stored?.id).toBe('m1');
    expect(arrived(server)).toEqual([true]);
  });

  it('stores nothing when the source breaks off behind the first chunks', async () => {
    const { server, error } = await upload(unknown({ failAfter: 2 * CHUNK }));

    expect(error).toMatchObject({ code: 'cut' });
    expect(server.ranges.map((range) => range.split('/')[1])).toEqual(['*', '*']);
    expect(server.stored).toEqual([]);
  });

  it('leaves open what happened when the last answer never comes', async () => {
    const { server, error } = await upload(unknown(), (prepared) => {
      prepared.losesAnswer = (chunk, moment) => {
        if (chunk >= 3 && moment === 'after') prepared.forgets.add(0);
        return chunk >= 3 && moment === 'after';
      };
    });

    expect(error).toMatchObject({ name: 'AmbiguousWrite' });
    expect(server.stored).toHaveLength(1);
  });

  it('brings a session of a Google host to the configured root', async () => {
    const { stored } = await upload(unknown(), (prepared) => {
      prepared.location = (path) => `https://gmail.googleapis.com${path}`.replace(/^.*\/upload$/, '/upload');
    });

    expect(stored?.id).toBe('m1');
  });

  it('follows no session to a foreign host', async () => {
    const { error } = await upload(unknown(), (prepared) => {
      prepared.location = (path) => (path === '/upload' ? path : `https://evil.example${path}`);
    });

    expect(error).toMatchObject({ code: 'foreign-origin' });
  });

  it('tries the path of the discovery document where the path of the guide is not found', async () => {
    const { server, stored } = await upload(unknown(), (prepared) => {
      prepared.location = (path) => (path === '/upload' ? '/resuma' : path);
    });

    expect(stored?.id).toBe('m1');
    expect(server.paths.slice(0, 2)).toEqual([
      'POST /upload/gmail/v1/users/me/messages/import',
      'POST /resumable/upload/gmail/v1/users/me/messages/import',
    ]);
  });
});

describe('chunks', () => {
  it.each([
    { rest: 0, lengths: [47] },
    { rest: 53, lengths: [100] },
    { rest: 54, lengths: [100, 1] },
    { rest: 153, lengths: [100, 100] },
    { rest: 1000, lengths: [...Array<number>(10).fill(100), 47] },
  ])('cut $rest bytes behind a header of 47 into $lengths', async ({ rest, lengths }) => {
    const bytes = eightBit(rest);
    const chunks: Chunk[] = [];
    const upload = { header: Buffer.alloc(47), rest: streamed(bytes) };
    for await (const chunk of chunksOf(upload, never, 100)) chunks.push(chunk);

    expect(chunks.map((chunk) => chunk.bytes.byteLength)).toEqual(lengths);
    expect(chunks.map(({ total }) => total)).toEqual([...lengths.slice(1).map(() => null), rest + 47]);
    expect(
      Buffer.concat(chunks.map((chunk) => chunk.bytes))
        .subarray(47)
        .equals(bytes),
    ).toBe(true);
  });
});
