import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExchangeRecord } from '../../adapters/rehearsal/service/types.ts';
import { validateAnswer, validatePath } from '../support/csdl.ts';
import { type DiscoveryName, loadDiscovery } from '../support/discovery.ts';
import { hasShared, startRehearsal } from './harness.ts';

const GOOGLE: readonly [prefix: RegExp, document: DiscoveryName][] = [
  [/^\/admin\/directory\//, 'admin.directory_v1'],
  [/^\/(?:upload\/|resumable\/upload\/)?gmail\//, 'gmail.v1'],
  [/^\/calendar\//, 'calendar.v3'],
  [/^\/groups\/v1\//, 'groupssettings.v1'],
];

/** Everything that goes over the wire in a whole migration, both directions, against the vendors' own descriptions. */
describe.skipIf(!hasShared)(
  'the wire (skipped where ../shared/contracts is absent)',
  { timeout: 240_000 },
  () => {
    let exchanges: ExchangeRecord[] = [];

    beforeAll(async () => {
      const recordFile = join(mkdtempSync(join(tmpdir(), 'ferry-wire-')), 'exchanges.jsonl');
      const rehearsal = await startRehearsal({
        faults: 'light',
        recordFile,
        estate: { people: 6, messages: 120, events: 60, groups: 6 },
      });
      for (const step of ['discover', 'map', 'migrate', 'reconcile']) await rehearsal.ferry([step]);
      await rehearsal.stop();
      exchanges = readFileSync(recordFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as ExchangeRecord);
    }, 240_000);

    const of = (service: ExchangeRecord['service']) =>
      exchanges.filter((exchange) => exchange.service === service);
    const fullPath = ({ path, query }: ExchangeRecord) => {
      const search = new URLSearchParams(
        Object.entries(query).flatMap(([name, values]) =>
          values.map((value): [string, string] => [name, value]),
        ),
      );
      return `${path}?${search}`;
    };

    it('carries requests to Microsoft Graph that its metadata knows, and nothing that writes', () => {
      const graph = of('microsoft').filter(({ path }) => path.startsWith('/v1.0/'));

      expect(graph.length).toBeGreaterThan(100);
      expect(graph.filter(({ method }) => method !== 'GET').map(({ path }) => path)).toEqual([]);
      expect([
        ...new Set(
          graph.flatMap((exchange) =>
            validatePath(fullPath(exchange)).map((fault) => `${exchange.route}: ${fault}`),
          ),
        ),
      ]).toEqual([]);
    });

    it('carries answers of the rehearsal Graph that its metadata knows', () => {
      const graph = of('microsoft').filter(({ path, status }) => path.startsWith('/v1.0/') && status === 200);

      expect([
        ...new Set(
          graph.flatMap(({ route, path, responseBody }) =>
            validateAnswer(path, responseBody).map((fault) => `${route}: ${fault.replace(/\d+/g, 'n')}`),
          ),
        ),
      ]).toEqual([]);
    });

    it('carries requests to Google and answers from it that the discovery documents know', () => {
      const faults = of('google').flatMap((exchange) => {
        // A session that an upload has opened is known by its id alone; the discovery documents stop at its opening.
        if (exchange.method === 'PUT' && 'upload_id' in exchange.query) return [];
        const document = GOOGLE.find(([prefix]) => prefix.test(exchange.path))?.[1];
        if (document === undefined)
          return exchange.path === '/token' ? [] : [`${exchange.path}: no document`];
        const discovery = loadDiscovery(document);
        if (discovery === null) return [];
        const query = new URL(fullPath(exchange), 'https://google.invalid').searchParams;
        const { method, path, requestBody, responseBody, status } = exchange;
        const id = discovery.methodOf({ method, path });
        const request = discovery.validateRequest({
          method,
          path,
          query,
          ...(requestBody === null ? {} : { body: requestBody }),
        });
        const answer =
          id === null || status !== 200 || responseBody === null
            ? []
            : discovery.validateResponse(id, responseBody);
        return [...request, ...answer].map((fault) => `${id}: ${fault.replace(/\d+/g, 'n')}`);
      });

      expect(of('google').length).toBeGreaterThan(100);
      expect([...new Set(faults)]).toEqual([]);
    });
  },
);
