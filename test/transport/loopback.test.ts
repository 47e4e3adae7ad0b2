import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { Interrupted } from '../../src/core/errors.ts';
import { silent } from '../../src/core/log.ts';
import { createTransport } from '../../src/transport/transport.ts';
import type { Transport, TransportOptions, Wire } from '../../src/transport/types.ts';
import { classify, keys, limits, never } from './scripted-vendor.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let handlers: Handler[];
let effects: string[];
let base: string;

const ok: Handler = (request, response) => {
  readAll(request).then(
    (body) => {
      effects.push(body);
      response.setHeader('content-type', 'application/json');
      response.end('{"ok":true}');
    },
    () => response.destroy(),
  );
};

async function readAll(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

beforeEach(async () => {
  handlers = [];
  effects = [];
  server = createServer((request, response) => (handlers.shift() ?? ok)(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function transport(options: Partial<TransportOptions> = {}): Transport {
  const clock = systemClock(1000);
  return createTransport({ limits, classify, origins: [base], clock, log: silent, ...options });
}

function post(wire: Wire): Promise<unknown> {
  return wire.fetch(`${base}/x`, { method: 'POST', body: 'mail' }).then((response) => response.json());
}

const resetBefore: Handler = (request) => request.socket.resetAndDestroy();
const resetAfter: Handler = (request) => {
  readAll(request).then(
    (body) => {
      effects.push(body);
      request.socket.resetAndDestroy();
    },
    () => undefined,
  );
};
const cutBody: Handler = (_request, response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{"ok":');
  setImmediate(() => response.destroy());
};
const cutChunks: Handler = (_request, response) => {
  response.writeHead(200);
  response.write('{"ok":');
  setImmediate(() => response.destroy());
};
const stallHeaders: Handler = () => {};
const stallBody: Handler = (_request, response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{"ok":');
};

describe('a real connection', () => {
  it.each<[string, Handler]>([
    ['a reset before the effect', resetBefore],
    ['a reset after the effect', resetAfter],
    ['a body cut short of its length', cutBody],
    ['a chunked body that is cut', cutChunks],
    ['headers that never come', stallHeaders],
    ['a body that stalls', stallBody],
  ])('repeats reads and idempotent writes after %s, and never a once-write', async (_title, fault) => {
    const tested = transport({ headersTimeoutMs: 200, bodyTimeoutMs: 200 });
    handlers = [fault];
    await expect(tested.run({ method: 'get', keys }, post, never)).resolves.toEqual({ ok: true });
    handlers = [fault];
    await expect(tested.run({ method: 'put', keys }, post, never)).resolves.toEqual({ ok: true });
    handlers = [fault];
    const once = tested.run({ method: 'post', keys }, post, never);

    await expect(once).rejects.toMatchObject({ name: 'AmbiguousWrite' });
    expect(tested.meter.requests).toEqual({ get: 2, put: 2, post: 1 });
  });

  it('repeats a once-write that found no server, for nothing was sent', async () => {
    const tested = transport({ maxAttempts: 3 });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));

    const running = tested.run({ method: 'post', keys }, post, never);

    await expect(running).rejects.toMatchObject({ name: 'Transient', code: 'ECONNREFUSED' });
    expect(tested.meter.requests).toEqual({ post: 3 });
  });

  it('passes a 308 without Location through with its headers', async () => {
    handlers = [
      (_request, response) => {
        response.writeHead(308, { range: 'bytes=0-262143', 'content-length': '0' });
        response.end();
      },
    ];

    const answer = await transport().run({ method: 'post', keys }, (wire) => wire.fetch(base), never);

    expect([answer.status, answer.headers.get('range')]).toEqual([308, 'bytes=0-262143']);
  });

  it('does not follow a redirect to a foreign origin', async () => {
    handlers = [
      (_request, response) => {
        response.writeHead(302, { location: 'http://127.0.0.1:9/steal' });
        response.end();
      },
    ];
    const tested = transport();

    await expect(tested.run({ method: 'get', keys }, post, never)).rejects.toMatchObject({ status: 302 });

    expect(tested.meter.origins).toEqual({ [base]: 1 });
  });

  it('keeps waiting for a streamed upload as long as it moves', async () => {
    async function* slowly() {
      for (let part = 0; part < 8; part += 1) {
        yield Buffer.from(String(part));
        await pause(60);
      }
    }
    const upload = (wire: Wire) =>
      wire
        .fetch(base, { method: 'POST', body: Readable.from(slowly()) as never })
        .then((response) => response.text());

    await transport({ headersTimeoutMs: 250 }).run({ method: 'post', keys }, upload, never);

    expect(effects).toEqual(['01234567']);
  });

  it('breaks the upload off when its source fails, so that no half message has an effect', async () => {
    async function* broken() {
      yield Buffer.from('half');
      await pause(20);
      throw new Error('source lost');
    }
    const upload = (wire: Wire) => wire.fetch(base, { method: 'POST', body: broken() as never });

    const running = transport({ maxAttempts: 1 }).run({ method: 'post', keys }, upload, never);

    await expect(running).rejects.toMatchObject({ name: 'Transient', code: 'request-body-failed' });
    expect(effects).toEqual([]);
  });

  it('hands out a large body that outlives its run, and reports a break while it is read', async () => {
    handlers = [
      (_request, response) => {
        response.writeHead(200, { 'content-length': String(2_000_000) });
        response.write(Buffer.alloc(1_000_000));
        setTimeout(() => response.destroy(), 50);
      },
    ];

    const answer = await transport().run({ method: 'get', keys }, (wire) => wire.fetch(base), never);

    await expect(answer.arrayBuffer()).rejects.toMatchObject({ name: 'Transient', code: 'answer-cut' });
  });

  it('does not take a slow reader for a stalled body', async () => {
    handlers = [(_request, response) => response.end(Buffer.alloc(3_000_000))];
    const tested = transport({ bodyTimeoutMs: 100 });
    const answer = await tested.run({ method: 'get', keys }, (wire) => wire.fetch(base), never);
    let bytes = 0;

    for await (const chunk of answer.body!) {
      if (bytes === 0) await pause(300);
      bytes += chunk.byteLength;
    }

    expect(bytes).toBe(3_000_000);
  });

  it('ends a body that is being read when the run is asked to stop', async () => {
    const stop = new AbortController();
    handlers = [stallBody];
    const answer = await transport().run({ method: 'get', keys }, (wire) => wire.fetch(base), stop.signal);
    const reading = answer.text();

    stop.abort();

    await expect(reading).rejects.toBeInstanceOf(Interrupted);
  });

  it('interrupts a once-write in flight', async () => {
    const stop = new AbortController();
    handlers = [() => stop.abort()];

    await expect(transport().run({ method: 'post', keys }, post, stop.signal)).rejects.toBeInstanceOf(
      Interrupted,
    );
  });

  it('keeps connections alive', async () => {
    const ports = new Set<number | undefined>();
    handlers = Array.from(
      { length: 10 },
      (): Handler => (request, response) => {
        ports.add(request.socket.remotePort);
        ok(request, response);
      },
    );
    const tested = transport();

    for (let index = 0; index < 10; index += 1) await tested.run({ method: 'get', keys }, post, never);

    // A connection is free a moment after its answer was read, so one at a time may need two.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});
