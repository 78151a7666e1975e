/** Routes of one path: what the methods do, and 405 for all others (RFC 9110 15.5.6). */
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { methodNotAllowed, type Service } from '../service.js'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface MethodRoute {
  /** Whether the request may be made, before its body is read. */
  readonly allow: onRequestAsyncHookHandler
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
  /** Bytes of the body, where it is not what the service takes in general. */
  readonly bodyLimit?: number
}

const ALL = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const

/** The path of a collection, which some clients write with a slash behind it. */
export function withSlash({ initialConfig }: FastifyInstance, path: string): readonly string[] {
  const ignored = initialConfig.routerOptions?.ignoreTrailingSlash ?? initialConfig.ignoreTrailingSlash
  return ignored === true ? [path] : [path, `${path}/`]
}

export function pathRoutes(
  app: FastifyInstance,
  service: Service,
  url: string,
  methods: { readonly [method in Method]?: MethodRoute | undefined },
): void {
  const allowed: string[] = []
  for (const method of ALL) {
    if (method === 'HEAD') {
      // Fastify answers HEAD as GET without content.
      if (methods.GET !== undefined) allowed.push('HEAD')
      continue
    }
    if (method === 'OPTIONS' || method === 'TRACE') continue
    const route = methods[method]
    if (route === undefined) continue
    allowed.push(method)
    const { allow, handle, bodyLimit } = route
    app.route({
      method,
      url,
      ...(method === 'GET' && { exposeHeadRoute: true }),
      onRequest: allow,
      handler: handle,
      ...(bodyLimit !== undefined && { bodyLimit }),
    })
  }
  app.route({
    method: ALL.filter((method) => !allowed.includes(method)),
    url,
    onRequest: [
      service.authorized(),
      async () => {
        throw methodNotAllowed(allowed)
      },
    ],
    // The hook has ended every request.
    handler: async (_request, reply) => reply,
  })
}
