import type { Faults, ScriptedFault } from './faults.ts';
import type { Tally } from './tally.ts';
import type { FaultProfile, TenantAnswer, TenantRequest, TenantService } from './types.ts';
import { parseJson } from './wire.ts';

interface ControlDesk {
  service: TenantService;
  options: { faults: Faults };
  tally: Tally;
}

/**
 * Answers the routes that no vendor has: `GET /_rehearsal/stats`; `POST /_rehearsal/faults` with `{ profile }` and
 * `{ script: [{ route, fault, times, skip }] }`; and whatever the service itself adds.
 */
export async function answerControl(desk: ControlDesk, request: TenantRequest): Promise<TenantAnswer> {
  const name = request.path.slice('/_rehearsal/'.length);
  if (name === 'stats' && request.method === 'GET') return { status: 200, body: desk.tally.stats() };
  if (name === 'faults' && request.method === 'POST') return setFaults(desk.options.faults, request);
  const answer = await desk.service.control?.(name, request);
  return answer ?? { status: 404, body: { error: `no control route ${request.method} ${name}` } };
}

function setFaults(faults: Faults, request: TenantRequest): TenantAnswer {
  const asked = parseJson(request.body) as { profile?: FaultProfile; script?: ScriptedFault[] } | null;
  if (asked?.profile) faults.setProfile(asked.profile);
  if (asked?.script) faults.script(asked.script);
  return { status: 200, body: { profile: asked?.profile ?? null, scripted: asked?.script?.length ?? 0 } };
}
