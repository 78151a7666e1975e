/** The HTTP port: whether the process lives and whether its sources can be asked. Faces over HTTP are mounted here. */
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify'
import type { Address, Frontend } from '../frontends/frontend.js'
import type { Log } from '../model/log.js'
import type { Source } from '../sources/source.js'

export interface HttpParts {
  readonly sources: ReadonlyMap<string, Pick<Source, 'health'>>
  /** Names of sources without which everything is served, though incomplete. */
  readonly dispensable: ReadonlySet<string>
  readonly log: Log
  /** Each registers something that is served on this port. */
  readonly mounts: readonly ((app: FastifyInstance) => void)[]
  /** Answers requests that reach no route, as a malformed URL does. */
  readonly frameworkErrors: NonNullable<FastifyServerOptions['frameworkErrors']>
}

/** Bytes of a request's line and header fields: a filter of a thousand terms fits. */
const LARGEST_HEADER = 256 * 1024
/** Of a path's variable piece, which may be percent-encoded. */
const LONGEST_PIECE = 2000

/**
 * `GET /livez`: 200 while the process answers. `GET /readyz`: 200 and `{ status, sources }` while every source can be
 * asked that is needed, else 503; what is wrong with a source is logged, not shown.
 */
export function createHttpFrontend(parts: HttpParts, listen: Address): Frontend {
  const { sources, dispensable, log, mounts, frameworkErrors } = parts
  const app = fastify({
    logger: false,
    frameworkErrors,
    http: { maxHeaderSize: LARGEST_HEADER },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LONGEST_PIECE },
  })
  app.get('/livez', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const healths = await Promise.all(
      [...sources].map(async ([name, source]) => {
        const { ok, detail } = await source.health()
        if (!ok) log.warn({ source: name, detail }, 'a source cannot be asked')
        return [name, ok ? 'ok' : 'unavailable'] as const
      }),
    )
    const ready = healths.every(([name, health]) => health === 'ok' || dispensable.has(name))
    reply.code(ready ? 200 : 503)
    return { status: ready ? 'ok' : 'unavailable', sources: Object.fromEntries(healths) }
  })
  for (const mount of mounts) mount(app)
  return {
    listen: async () => {
      await app.listen({ host: listen.host, port: listen.port })
      const bound = app.server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port
      return { http: { host: listen.host, port } }
    },
    close: () => app.close(),
  }
}
