/** Queries over several resource types: the root of the service, and its `.search` (RFC 7644 3.4.2.1, 3.4.3). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { VitrineError } from '../../../model/errors.js'
import type { Context } from '../../../model/request.js'
import { required } from '../auth/auth.js'
import { type Query, queryOfBody, queryOfUrl } from '../request.js'
import type { Service } from '../service.js'
import { pathRoutes } from './method.js'
import { bodyOf, sendList } from './resources.js'

export function rootRoutes(app: FastifyInstance, service: Service): void {
  const search = (queryOf: (request: FastifyRequest) => Query) => ({
    allow: service.authorized(required(undefined, 'search')),
    handle: async (request: FastifyRequest, reply: FastifyReply) => {
      const readable = async (ctx: Context) => {
        const types = await service.readable(service.callerOf(request), ctx)
        if (types.length === 0) throw new VitrineError('insufficientAccessRights')
        return types
      }
      // A name that a type does not know has no value there (RFC 7644 3.4.2.1).
      return sendList(service, readable, queryOf, 'false', request, reply)
    },
  })
  pathRoutes(app, service, '/', { GET: search(queryOfUrl) })
  pathRoutes(app, service, '/.search', { POST: search((request) => queryOfBody(bodyOf(request))) })
}
