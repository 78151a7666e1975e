/** `/Me`: the resource of whoever asks (RFC 7644 3.11). Answers carry the resource's own location. */
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { ResourceOperation } from '../../../model/resource.js'
import { required } from '../auth/auth.js'
import { ScimError } from '../errors.js'
import type { Answer, Call, ResourceType, Target } from '../resource-type.js'
import { demandOperation } from '../resource-type.js'
import type { Service } from '../service.js'
import { pathRoutes } from './method.js'
import { bodyOf } from './resources.js'

export function meRoutes(app: FastifyInstance, service: Service): void {
  const me = (
    operation: ResourceOperation | 'read',
    work: (type: ResourceType, target: Target, call: Call, request: FastifyRequest) => Promise<Answer>,
  ) => ({
    allow: allowed(service, operation),
    handle: (request: FastifyRequest, reply: FastifyReply) => {
      const { type, target } = ownOf(service, request)
      return service.answer(request, reply, (call) => work(type, target, call, request))
    },
  })
  pathRoutes(app, service, '/Me', {
    GET: me('read', (type, target, call) => type.read(target, call)),
    PUT: me('update', (type, target, call, request) => type.replace(target, bodyOf(request), call)),
    PATCH: me('update', (type, target, call, request) => type.patch(target, bodyOf(request), call)),
    DELETE: me('delete', (type, target, call) => type.remove(target, call)),
  })
}

function allowed(service: Service, operation: ResourceOperation | 'read'): onRequestAsyncHookHandler {
  const authorized = service.authorized()
  return async function (request, reply) {
    await authorized.call(this, request, reply)
    const { type } = ownOf(service, request)
    const scope = required(type.resource.type, operation === 'read' ? 'read' : 'write')
    service.auth.demand(service.callerOf(request), scope)
    if (operation !== 'read') demandOperation(type, operation)
  }
}

/** @throws ScimError 404 where the caller is no resource */
function ownOf(service: Service, request: FastifyRequest): { type: ResourceType; target: Target } {
  const { principal } = service.callerOf(request)
  const type =
    principal.kind === 'entry' ? service.types.find(({ view }) => view.name === principal.view) : undefined
  if (principal.kind !== 'entry' || type === undefined) {
    throw new ScimError(404, 'this token does not stand for a resource')
  }
  return { type, target: { key: principal.id } }
}
