import type { TenantAnswer } from '../service/types.ts';
import {
  answerCollection,
  answerResource,
  type Context,
  type GraphRoute,
  pageOf,
  queried,
} from './context.ts';
import { TYPES } from './properties.ts';
import { shape } from './query.ts';
import { badRequest, itemNotFound } from './refusal.ts';

/** Graph, list places page: 100 rooms come without `$top`. */
const DEFAULT_PAGE = 100;
const ROLES = ['Place.Read.All', 'Place.ReadWrite.All'];

/** The segment is a cast, which OData compares without regard to case, or the id of one place. */
function answerPlaces(context: Context): TenantAnswer {
  const segment = (context.params['place'] ?? '').toLowerCase();
  if (segment === 'microsoft.graph.room') return listRooms(context);
  if (segment === 'microsoft.graph.roomlist')
    return answerCollection(context, 'places/microsoft.graph.roomList', { value: [] });
  if (segment.startsWith('microsoft.graph.'))
    throw badRequest(`Resource not found for the segment '${segment}'.`);
  return getPlace(context, segment);
}

function listRooms(context: Context): TenantAnswer {
  const { query, state } = context;
  const kept = queried(state.estate.rooms, query);
  const { items, nextLink } = pageOf(context, kept, query.top ?? DEFAULT_PAGE);
  return answerCollection(context, 'places/microsoft.graph.room', {
    value: items.map((room) => shape(room, TYPES.room, query.select)),
    nextLink,
    count: query.wantsCount ? kept.length : null,
  });
}

function getPlace(context: Context, id: string): TenantAnswer {
  const room = context.state.estate.rooms.find((one) =>
    [one['id'], one['emailAddress']].some((name) => String(name).toLowerCase() === id),
  );
  if (!room) throw itemNotFound();
  const shaped = shape(room, TYPES.room, context.query.select);
  return answerResource(context, 'places', { '@odata.type': '#microsoft.graph.room', ...shaped });
}

/** Rooms of the tenant. */
export const PLACE_ROUTES: readonly GraphRoute[] = [
  {
    name: 'graph.places',
    method: 'GET',
    path: '/v1.0/places/{place}',
    service: 'places',
    roles: ROLES,
    rules: { type: TYPES.room, options: ['$top', '$skip', '$filter', '$count', '$skiptoken', '$orderby'] },
    handle: answerPlaces,
  },
];
