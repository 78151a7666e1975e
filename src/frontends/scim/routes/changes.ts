/** `/{Type}/.changes`: what has changed since a moment. */
import type { FastifyInstance } from 'fastify'
import { required } from '../auth/auth.js'
import { changes } from '../changes.js'
import { bypassesOverhead, queryOfUrl } from '../request.js'
import type { ResourceType } from '../resource-type.js'
import { asked, type Service } from '../service.js'
import { pathRoutes } from './method.js'

export function changesRoute(app: FastifyInstance, service: Service, type: ResourceType): void {
  const { directory, cursors, settings } = service
  const { defaultCount, maxCount } = settings
  const parts = { directory, cursors, defaultCount, maxCount }
  pathRoutes(app, service, `${type.resource.endpoint}/.changes`, {
    GET: {
      allow: service.authorized(required(type.resource.type, 'read')),
      handle: async (request, reply) => {
        const query = queryOfUrl(request)
        const wanted = { ...query, ...asked(query, bypassesOverhead(request)) }
        const base = service.baseOf(request)
        const body = await service.run(request, reply, async (ctx) => {
          await service.demandVisible(type, ctx)
          return changes(parts, type, wanted, base, ctx)
        })
        return service.sendText(request, reply, 200, body)
      },
    },
  })
}
