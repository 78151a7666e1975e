/** The HTTP port: whether the process lives and whether its sources can be asked. Faces over HTTP are mounted here. */
import type { SecureContextOptions, Server as TlsServer } from 'node:tls'
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from 'fastify'
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
  /** Networks of proxies that say who asks, and how. */
  readonly trustedProxies: readonly string[]
}

/** The certificate of the server, and those that replace it. */
export interface HttpsSupply {
  readonly current: HttpsMaterial
  onChange(listener: (material: HttpsMaterial) => void): void
}

type HttpsMaterial = Pick<SecureContextOptions, 'cert' | 'key' | 'passphrase' | 'ciphers' | 'minVersion'>

/** Bytes of a request's line and header fields: a filter of a thousand terms fits. */
const LARGEST_HEADER = 256 * 1024
/** Of a path's variable piece, which may be percent-encoded. */
const LONGEST_PIECE = 2000

/** Answers hold people's data and are no pages: nothing keeps them, frames them or takes them for anything else. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
const HTTPS_HEADERS = { ...HEADERS, 'strict-transport-security': 'max-age=31536000' }

/**
 * `GET /livez`: 200 while the process answers. `GET /readyz`: 200 and `{ status, sources }` while every source can be
 * asked that is needed, else 503; what is wrong with a source is logged, not shown.
 */
export function createHttpFrontend(parts: HttpParts, listen: Address, tls?: HttpsSupply): Frontend {
  const { sources, dispensable, log, mounts, frameworkErrors, trustedProxies } = parts
  const options = {
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    logger: false,
    frameworkErrors: ((error, request, reply) => {
      // No hook runs for these.
      harden(request, reply)
      frameworkErrors(error, request, reply)
    }) satisfies HttpParts['frameworkErrors'],
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LONGEST_PIECE },
  }
  const limits = { maxHeaderSize: LARGEST_HEADER }
  const app: FastifyInstance =
    tls === undefined
      ? fastify({ ...options, http: limits })
      : // Which kind of server it is makes no difference to routes.
        (fastify({ ...options, https: { ...serving(tls.current), ...limits } }) as unknown as FastifyInstance)
  app.addHook('onRequest', async (request, reply) => harden(request, reply))
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
  tls?.onChange((material) => (app.server as unknown as TlsServer).setSecureContext(serving(material)))
  return {
    listen: async () => {
      await app.listen({ host: listen.host, port: listen.port })
      const bound = app.server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port
      return { [tls === undefined ? 'http' : 'https']: { host: listen.host, port } }
    },
    close: () => app.close(),
  }
}

function harden({ protocol }: Pick<FastifyRequest, 'protocol'>, reply: Pick<FastifyReply, 'headers'>): void {
  reply.headers(protocol === 'https' ? HTTPS_HEADERS : HEADERS)
}

/** Certificates of clients count over LDAP alone. */
function serving({ cert, key, passphrase, ciphers, minVersion }: HttpsMaterial): HttpsMaterial {
  return {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(ciphers !== undefined && { ciphers }),
    ...(minVersion !== undefined && { minVersion }),
  }
}
