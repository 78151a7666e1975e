/** The endpoints of one resource type (RFC 7644 3.2): its collection, its resources, and its `.search`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../model/request.js'
import type { Json } from '../../../scim/json.js'
import type { Unknown } from '../../../scim/representation/representation.js'
import { required } from '../auth/auth.js'
import { bypassesOverhead, type Query, queryOfBody, queryOfUrl } from '../request.js'
import type { Answer, Call, ResourceType } from '../resource-type.js'
import type { Service } from '../service.js'
import { pathRoutes, withSlash } from './method.js'

export function resourceRoutes(app: FastifyInstance, service: Service, type: ResourceType): void {
  const { endpoint } = type.resource
  const read = service.authorized(required(type.resource.type, 'read'))
  const write = service.authorized(required(type.resource.type, 'write'))

  const types = [type]
  const visible = (ctx: Context) => {
    const demanded = service.demandVisible(type, ctx)
    return demanded instanceof Promise ? demanded.then(() => types) : types
  }
  const list = (queryOf: (request: FastifyRequest) => Query) => ({
    allow: read,
    handle: (request: FastifyRequest, reply: FastifyReply) =>
      sendList(service, visible, queryOf, 'refuse', request, reply),
  })
  const one = (work: (id: string, body: Json | undefined, call: Call) => Promise<Answer>, allow = write) => ({
    allow,
    handle: (request: FastifyRequest, reply: FastifyReply) =>
      service.answer(request, reply, (call) => work(idOf(request), bodyOf(request), call)),
  })

  const collection = {
    GET: list(queryOfUrl),
    POST: type.can('create') ? one((_id, body, call) => type.create(body, call)) : undefined,
  }
  for (const url of withSlash(app, endpoint)) pathRoutes(app, service, url, collection)
  pathRoutes(app, service, `${endpoint}/.search`, { POST: list((request) => queryOfBody(bodyOf(request))) })
  // A wildcard, for Fastify bounds the length of other parameters; ids are keys, and may be long.
  pathRoutes(app, service, `${endpoint}/*`, {
    GET: one((id, _body, call) => type.read({ id }, call), read),
    ...(type.can('update') && {
      PUT: one((id, body, call) => type.replace({ id }, body, call)),
      PATCH: one((id, body, call) => type.patch({ id }, body, call)),
    }),
    DELETE: type.can('delete') ? one((id, _body, call) => type.remove({ id }, call)) : undefined,
  })
}

/** @param typesFor whose resources are listed, for whoever asks; throws where none may be */
export async function sendList(
  service: Service,
  typesFor: (ctx: Context) => readonly ResourceType[] | Promise<readonly ResourceType[]>,
  queryOf: (request: FastifyRequest) => Query,
  unknown: Unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const base = service.baseOf(request)
  const missing = new Set<string>()
  const list = async (ctx: Context) => {
    const found = typesFor(ctx)
    const types = found instanceof Promise ? await found : found
    const query = queryOf(request)
    const wanted = bypassesOverhead(request) ? { ...query, withoutDisplays: true } : query
    return await service.listing.list(types, wanted, unknown, base, ctx)
  }
  const body = await service.run(request, reply, list, true, missing)
  if (missing.size > 0) reply.header('warning', partialWarning(missing))
  return service.sendText(request, reply, 200, body)
}

/** Of the kind that says nothing more (RFC 7234 5.5.6); the answer itself says what is missing. */
function partialWarning(missing: ReadonlySet<string>): string {
  return `199 - "this is not all: ${[...missing].sort().join(', ')} cannot be asked now"`
}

/** As the plugin's parser made it. */
export function bodyOf(request: FastifyRequest): Json | undefined {
  return request.body as Json | undefined
}

function idOf(request: FastifyRequest): string {
  return (request.params as { readonly '*': string })['*']
}
