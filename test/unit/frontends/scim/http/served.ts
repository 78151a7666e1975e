/** The plugin on a directory in memory, with tokens for several callers, and ways to ask it. */
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify'
import type { Auth, Caller } from '../../../../../src/frontends/scim/auth/auth.js'
import { BearerError } from '../../../../../src/frontends/scim/auth/auth.js'
import { type ScimSettings, scim } from '../../../../../src/frontends/scim/plugin.js'
import type { Log } from '../../../../../src/model/log.js'
import type { Principal } from '../../../../../src/model/request.js'
import { MemoryDirectory } from './memory-directory.js'

export const BASE = 'http://localhost/scim/v2'
export const SCIM_JSON = 'application/scim+json; charset=utf-8'

/** Tokens are the names of callers. */
const callers: Readonly<Record<string, { principal: Principal; scopes: readonly string[] }>> = {
  admin: { principal: { kind: 'service', name: 'cn=admin' }, scopes: ['*'] },
  other: { principal: { kind: 'service', name: 'cn=other' }, scopes: ['*'] },
  reader: { principal: { kind: 'service', name: 'cn=reader' }, scopes: ['users.read'] },
  searcher: { principal: { kind: 'service', name: 'cn=searcher' }, scopes: ['users.read', 'search'] },
  bulker: { principal: { kind: 'service', name: 'cn=bulker' }, scopes: ['bulk', 'users.write'] },
  powerless: { principal: { kind: 'service', name: 'cn=powerless' }, scopes: ['search', 'bulk'] },
  person: { principal: { kind: 'entry', view: 'people', id: '1', names: ['alice'] }, scopes: ['*'] },
  stranger: { principal: { kind: 'entry', view: 'elsewhere', id: '1', names: ['x'] }, scopes: ['*'] },
}

const auth: Auth = {
  async authenticate(authorization) {
    const name = authorization?.replace('Bearer ', '')
    const found = name === undefined ? undefined : callers[name]
    if (name === undefined || found === undefined) {
      throw new BearerError('invalidCredentials', 'a bearer token is needed', 'Bearer realm="SCIM"')
    }
    const scopes = new Set(found.scopes)
    const caller: Caller = {
      principal: found.principal,
      scopes,
      name,
      may: (scope) => scopes.has('*') || scopes.has(scope),
    }
    return caller
  },
  scopeName: (scope) => scope,
  demand(caller, scope) {
    if (!caller.may(scope)) {
      throw new BearerError(
        'insufficientAccessRights',
        `the token lacks the scope ${scope}`,
        `Bearer realm="SCIM", error="insufficient_scope", scope="${scope}"`,
      )
    }
  },
}

export interface Ask {
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** Sent as it is if it is text, else as JSON. */
  readonly body?: unknown
}

/** What an answer may hold; which of it there is depends on what was asked. */
export interface Body {
  readonly schemas: readonly string[]
  readonly id: string
  readonly userName: string
  readonly displayName: string
  readonly endpoint: string
  readonly meta: { readonly location: string; readonly version: string }
  readonly members: readonly { readonly value: string }[]
  readonly manager: { readonly value: string }
  readonly patch: unknown
  readonly status: string
  readonly scimType: string
  readonly detail: string
  readonly totalResults: number
  readonly startIndex: number
  readonly itemsPerPage: number
  readonly nextCursor?: string
  readonly Resources: readonly Body[]
  readonly deleted: readonly { readonly id: string; readonly at: string }[]
  readonly Operations: readonly {
    readonly bulkId?: string
    readonly status: string
    readonly location: string
    readonly version: string
    readonly response: unknown
  }[]
  readonly 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
    readonly manager: { readonly value: string }
  }
}

const NOTHING = {} as Body

export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly body: Body
}

export interface Logged {
  readonly level: 'error' | 'warn'
  readonly message: string
}

export interface Served {
  readonly app: FastifyInstance
  readonly directory: MemoryDirectory
  readonly logged: Logged[]
  ask(method: string, path: string, ask?: Ask): Promise<Told>
}

export async function served(
  given: Partial<ScimSettings> = {},
  server: FastifyServerOptions = {},
): Promise<Served> {
  const directory = new MemoryDirectory()
  const logged: Logged[] = []
  const log: Log = {
    error: (_detail, message) => logged.push({ level: 'error', message }),
    warn: (_detail, message) => logged.push({ level: 'warn', message }),
    info: () => undefined,
    debug: () => undefined,
  }
  const settings: ScimSettings = {
    profile: 'rfc',
    maxCount: 20,
    defaultCount: 10,
    bulk: { maxOperations: 20, maxPayloadSize: 20_000 },
    bodyLimit: 10_000,
    timeLimit: 10_000,
    cursorSecret: 'secret',
    anonymousDiscovery: false,
    ...given,
  }
  const app = fastify(server)
  await app.register(scim, { directory, log, version: '1.2.3', auth, settings, prefix: '/scim/v2' })
  await app.ready()
  return {
    app,
    directory,
    logged,
    ask: async (method, path, { token = 'admin', headers = {}, query, body } = {}) => {
      const answer = await app.inject({
        method: method as 'GET',
        url: `/scim/v2${path}`,
        ...(query !== undefined && { query: { ...query } }),
        headers: {
          host: 'localhost',
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/scim+json' }),
          ...headers,
        },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const isJson = String(answer.headers['content-type']).includes('json')
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: answer.payload,
        body: isJson && answer.payload !== '' ? answer.json<Body>() : NOTHING,
      }
    },
  }
}

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'

export const user = (userName: string, more: object = {}) => ({ schemas: [USER], userName, ...more })
export const group = (displayName: string, more: object = {}) => ({ schemas: [GROUP], displayName, ...more })
export const patch = (...operations: readonly object[]) => ({ schemas: [PATCH], Operations: operations })
