/** The HTTP port: whether the process lives and whether its sources can be asked. Faces over HTTP are mounted here. */
import { fastify } from 'fastify'
import type { Address, Frontend } from '../frontends/frontend.js'
import type { Log } from '../model/log.js'
import type { Source } from '../sources/source.js'

export interface HttpParts {
  readonly sources: ReadonlyMap<string, Source>
  readonly log: Log
}

/**
 * `GET /livez`: 200 while the process answers. `GET /readyz`: 200 and `{ status, sources }` while every source can be
 * asked, else 503; what is wrong with a source is logged, not shown.
 */
export function createHttpFrontend({ sources, log }: HttpParts, listen: Address): Frontend {
  const app = fastify({ logger: false, forceCloseConnections: true })
  app.get('/livez', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const healths = await Promise.all(
      [...sources].map(async ([name, source]) => {
        const { ok, detail } = await source.health()
        if (!ok) log.warn({ source: name, detail }, 'a source cannot be asked')
        return [name, ok ? 'ok' : 'unavailable'] as const
      }),
    )
    const ready = healths.every(([, health]) => health === 'ok')
    reply.code(ready ? 200 : 503)
    return { status: ready ? 'ok' : 'unavailable', sources: Object.fromEntries(healths) }
  })
  return {
    listen: async () => {
      await app.listen({ host: listen.host, port: listen.port })
      const bound = app.server.address()
      return {
        host: listen.host,
        port: typeof bound === 'object' && bound !== null ? bound.port : listen.port,
      }
    },
    close: () => app.close(),
  }
}
