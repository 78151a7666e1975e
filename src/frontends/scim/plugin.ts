/**
 * SCIM 2.0 as a Fastify plugin (RFC 7644): bodies in, answers and errors out, the same way on every route. What the
 * routes do is in `routes/`.
 */
import type { FastifyPluginAsync } from 'fastify'
import type { Caller } from './auth/auth.js'
import { ScimError } from './errors.js'
import { parseJson } from './json-text.js'
import { observeRequests } from './observed.js'
import { bulkRoutes } from './routes/bulk.js'
import { changesRoute } from './routes/changes.js'
import { discoveryRoutes } from './routes/discovery.js'
import { meRoutes } from './routes/me.js'
import { resourceRoutes } from './routes/resources.js'
import { rootRoutes } from './routes/root.js'
import { type ScimOptions, Service } from './service.js'

export { refuseMalformed } from './errors.js'
export { tokenRoute } from './routes/token.js'
export type { ScimOptions, ScimSettings } from './service.js'

/** To be registered with a prefix, e.g. `app.register(scim, { ...options, prefix: '/scim/v2' })`. */
export const scim: FastifyPluginAsync<ScimOptions> = async (app, options) => {
  const service = new Service(options, app.prefix)
  app.decorateRequest(Service.callerKey, null)
  if (options.observe !== undefined || options.tracing !== undefined)
    observeRequests(app, options, (request) => request.getDecorator<Caller | null>(Service.callerKey))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/scim+json', 'application/json'],
    { parseAs: 'buffer', bodyLimit: service.settings.bodyLimit },
    async (_request: unknown, body: Buffer) => (body.length === 0 ? undefined : parseJson(body)),
  )
  app.setErrorHandler((error, request, reply) => service.sendError(request, reply, error))
  const authorized = service.authorized()
  app.setNotFoundHandler(async function (request, reply) {
    await authorized.call(this, request, reply)
    throw new ScimError(404, 'there is no such endpoint')
  })
  discoveryRoutes(app, service)
  rootRoutes(app, service)
  bulkRoutes(app, service)
  meRoutes(app, service)
  for (const type of service.types) {
    changesRoute(app, service, type)
    resourceRoutes(app, service, type)
  }
}
