/** What is answered over HTTP: whether the process lives and whether its sources can be asked. Faces over HTTP are mounted here. */
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify'
import type { Log } from '../model/log.js'
import type { Source } from '../sources/source.js'
import { harden } from './headers.js'
import type { HttpApp } from './http-server.js'

export interface HttpParts {
  readonly sources: ReadonlyMap<string, Pick<Source, 'health'>>
  /** Names of sources without which everything is served, though incomplete. */
  readonly dispensable: ReadonlySet<string>
  /** Is the gateway about to end? */
  isClosing(): boolean
  readonly log: Log
  /** Each registers something that is served on this port. */
  readonly mounts: readonly ((app: FastifyInstance) => void)[]
  /** Answers requests that reach no route, as a malformed URL does. */
  readonly frameworkErrors?: NonNullable<FastifyServerOptions['frameworkErrors']>
  /** Networks of proxies that say who asks, and how. */
  readonly trustedProxies: readonly string[]
}

/** Of a path's variable piece, which may be percent-encoded. */
const LONGEST_PIECE = 2000

/** Routes say what they take and give in code, and not by JSON Schema. */
function noCompiler(): never {
  throw new TypeError('no route is described by a schema')
}

/**
 * `GET /livez`: 200 while the process answers. `GET /readyz`: 200 and `{ status, sources }` while every source can be
 * asked that is needed and the gateway is not about to end, else 503; what is wrong with a source is logged, not shown.
 */
export function createHttpApp(parts: HttpParts): HttpApp {
  const { sources, dispensable, isClosing, log, mounts, frameworkErrors, trustedProxies } = parts
  const app: FastifyInstance = fastify({
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    logger: false,
    ...(frameworkErrors && {
      frameworkErrors: ((error, request, reply) => {
        // No hook runs for these.
        harden(request, reply)
        frameworkErrors(error, request, reply)
      }) satisfies HttpParts['frameworkErrors'],
    }),
    routerOptions: { maxParamLength: LONGEST_PIECE },
    // Without these, Fastify loads compilers that nothing here asks for.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
  })
  app.addHook('onRequest', (request, reply, done) => {
    harden(request, reply)
    done()
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
    const ready = !isClosing() && healths.every(([name, health]) => health === 'ok' || dispensable.has(name))
    reply.code(ready ? 200 : 503)
    return { status: ready ? 'ok' : 'unavailable', sources: Object.fromEntries(healths) }
  })
  for (const mount of mounts) mount(app)
  return {
    ready: async () => {
      await app.ready()
    },
    answer: (request, response) => app.routing(request, response),
    refuse: (error, connection) => void app.server.emit('clientError', error, connection),
    close: () => app.close(),
  }
}

/** `GET /metrics`, in the format of Prometheus. */
export function mountMetrics(
  page: () => Promise<{ readonly type: string; readonly text: string }>,
): (app: FastifyInstance) => void {
  return (app) => {
    app.get('/metrics', async (_request, reply) => {
      const { type, text } = await page()
      return reply.header('content-type', type).send(text)
    })
  }
}
