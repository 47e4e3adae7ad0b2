import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';

const CONNECT_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_MS = 10_000;

/**
 * The fetch that really sends: undici with connections kept alive. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (or
 * lower case) are read when it is made, with their usual meaning: loopback is proxied unless `NO_PROXY` names it.
 * A private CA comes with `NODE_EXTRA_CA_CERTS`, which Node reads at start for every TLS connection. Time-outs of
 * headers and bodies belong to the transport, which knows what it waits for; only connecting is bounded here.
 */
export function createOutbound(): typeof globalThis.fetch {
  const dispatcher = new EnvHttpProxyAgent({
    allowH2: false,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  // Node's own undici and the npm package declare the same shapes as different types.
  const send = undiciFetch as unknown as (input: unknown, init: object) => Promise<Response>;
  return (input, init) => send(input, { ...init, dispatcher });
}
