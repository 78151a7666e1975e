/** The demonstration served over SCIM and LDAP from any database, and a plain SCIM client for tests. */
import { type Dispatcher, request as send } from 'undici'
import type { Gateway, Overrides } from '../../../src/index.js'
import { LdapClient } from '../../../src/ldap/index.js'
import { mappingFile, mappingText } from '../../mappings/databases.js'
import { gatewayFor } from '../copied.js'
import { codeOf, type Database, databases, engines, runSql } from '../serving.js'

export { type Database, databases, engines }

/** The kinds of databases with SQLite alone: for what does not depend on the database. */
export const sqlite = databases.filter(([name]) => name === 'SQLite')

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
export const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

export const TOKEN = 'vitrine-demo'
export const suffix = 'dc=example,dc=com'
export const people = `ou=people,${suffix}`
export const groups = `ou=groups,${suffix}`
export const admin = { dn: `cn=admin,${suffix}`, password: 'secret' }

/** An element of a multi-valued attribute, or a complex one. */
export interface Element {
  readonly value?: string
  readonly display?: string
  readonly type?: string
  readonly primary?: boolean
  readonly $ref?: string
  readonly [part: string]: unknown
}

export interface BulkResult {
  readonly method: string
  readonly status: string
  readonly location?: string
  readonly version?: string
  readonly bulkId?: string
  readonly response?: Body
}

/** What an answer may hold: a resource, a list, an error or the results of a bulk request. */
export interface Body {
  readonly schemas?: readonly string[]
  readonly id?: string
  readonly meta?: {
    readonly resourceType?: string
    readonly created?: string
    readonly lastModified?: string
    readonly location?: string
    readonly version?: string
  }
  readonly userName?: string
  readonly externalId?: string
  readonly displayName?: string
  readonly active?: boolean
  readonly name?: Element
  readonly emails?: readonly Element[]
  readonly phoneNumbers?: readonly Element[]
  readonly addresses?: readonly Element[]
  readonly roles?: readonly Element[]
  readonly groups?: readonly Element[]
  readonly members?: readonly Element[]
  readonly totalResults?: number
  readonly startIndex?: number
  readonly itemsPerPage?: number
  readonly nextCursor?: string
  readonly Resources?: readonly Body[]
  readonly status?: string
  readonly scimType?: string
  readonly detail?: string
  readonly Operations?: readonly BulkResult[]
  readonly [attribute: string]: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** As it came. */
  readonly text: string
  /** Empty where the answer has no body, or none in JSON. */
  readonly body: Body
}

export interface Asking {
  /** `null`: no Authorization at all. */
  readonly authorization?: string | null
  readonly headers?: Readonly<Record<string, string>>
  /** Appended to the path, escaped. */
  readonly query?: Readonly<Record<string, string | number>>
}

export interface Scim {
  /** The URL that paths are relative to. */
  readonly base: string
  request(method: string, path: string, body?: unknown, asking?: Asking): Promise<Answer>
  get(path: string, query?: Asking['query'], asking?: Asking): Promise<Answer>
  post(path: string, body: unknown, asking?: Asking): Promise<Answer>
  put(path: string, body: unknown, asking?: Asking): Promise<Answer>
  /** With the operations of a PatchOp. */
  patch(path: string, operations: readonly unknown[], asking?: Asking): Promise<Answer>
  remove(path: string, asking?: Asking): Promise<Answer>
  /** Creates a user; fails unless that works. */
  user(attributes: Readonly<Record<string, unknown>>): Promise<Body & { readonly id: string }>
  group(attributes: Readonly<Record<string, unknown>>): Promise<Body & { readonly id: string }>
}

/** A gateway that is served over SCIM and LDAP. */
export interface Served extends Scim {
  readonly gateway: Gateway
  readonly ldap: { readonly host: string; readonly port: number }
  /** As another caller. */
  as(authorization: string): Scim
  /** A connection to LDAP that is closed with the gateway; bound as the administrator if not told otherwise. */
  connect(dn?: string, password?: string): Promise<LdapClient>
  /** The result code of a bind on a connection of its own. */
  bind(dn: string, password: string): Promise<number>
  close(): Promise<void>
}

export interface Service extends Served {
  sql(...statements: readonly string[]): Promise<void>
}

/** The statements that make the demonstration's tables, and its rows, in the database of a URL. */
function scripts(url: string): readonly string[] {
  const dialect = url.startsWith('mysql:') ? '.mariadb' : url.startsWith('postgres') ? '.postgresql' : ''
  return [mappingText(`demo/schema${dialect}.sql`), mappingText('demo/data.sql')]
}

/**
 * Serves the demonstration from a database of its own.
 * @param overrides stand above what the demonstration's gateway file says
 */
export async function serveDemo(
  create: () => Promise<Database>,
  overrides: Overrides = {},
): Promise<Service> {
  const database = await create()
  await runSql(database.url, ...scripts(database.url))
  const gateway = await gatewayFor(mappingFile('demo/gateway.yaml'), {
    overrides: {
      ...overrides,
      listen: { ldap: '127.0.0.1:0', http: '127.0.0.1:0' },
      log: { level: 'silent' },
      sources: { hr: { url: database.url } },
    },
  })
  const served = await serveScim(gateway, TOKEN)
  return {
    ...served,
    sql: (...statements) => runSql(database.url, ...statements),
    close: async () => {
      await served.close()
      await database.remove()
    },
  }
}

/** @param token of the plain client */
export async function serveScim(gateway: Gateway, token: string): Promise<Served> {
  const { ldap, http } = await gateway.listen()
  if (ldap === undefined || http === undefined) throw new Error('LDAP or HTTP is not served')
  const base = `http://${http.host}:${http.port}/scim/v2`
  const clients: LdapClient[] = []
  const connect = async (dn = admin.dn, password = admin.password) => {
    const client = await LdapClient.connect({ host: ldap.host, port: ldap.port, timeoutMs: 20_000 })
    clients.push(client)
    await client.bind(dn, password)
    return client
  }
  return {
    ...scim(base, `Bearer ${token}`),
    gateway,
    ldap,
    as: (authorization) => scim(base, authorization),
    connect,
    bind: (dn, password) => codeOf(connect(dn, password)),
    close: async () => {
      for (const client of clients) client.close()
      await gateway.close()
    },
  }
}

export function scim(base: string, authorization: string): Scim {
  const request = async (method: string, path: string, body?: unknown, asking: Asking = {}) => {
    const given = asking.authorization === undefined ? authorization : asking.authorization
    const response = await send(`${base}${path}${queryText(path, asking.query)}`, {
      method: method as Dispatcher.HttpMethod,
      headers: {
        accept: 'application/scim+json',
        ...(given !== null && { authorization: given }),
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        ...asking.headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return answerOf(response)
  }
  const post = (path: string, body: unknown, asking?: Asking) => request('POST', path, body, asking)
  const made = async (path: string, body: unknown) => {
    const answer = await post(path, body)
    const { id } = answer.body
    if (answer.status !== 201 || id === undefined) {
      throw new Error(`POST ${path} was answered ${answer.status}: ${answer.text}`)
    }
    return { ...answer.body, id }
  }
  return {
    base,
    request,
    post,
    get: (path, query, asking) => request('GET', path, undefined, { ...asking, ...(query && { query }) }),
    put: (path, body, asking) => request('PUT', path, body, asking),
    patch: (path, Operations, asking) => request('PATCH', path, { schemas: [PATCH], Operations }, asking),
    remove: (path, asking) => request('DELETE', path, undefined, asking),
    user: (attributes) => made('/Users', { schemas: [USER], ...attributes }),
    group: (attributes) => made('/Groups', { schemas: [GROUP], ...attributes }),
  }
}

/** A test asks hundreds of times, and `fetch` takes several times the work. */
async function answerOf(response: Dispatcher.ResponseData): Promise<Answer> {
  const text = await response.body.text()
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(response.headers)) {
    for (const value of [values].flat()) headers.append(name, value)
  }
  const json = text !== '' && /json/.test(headers.get('content-type') ?? '')
  return {
    status: response.statusCode,
    headers,
    text,
    body: json ? (JSON.parse(text) as Body) : {},
  }
}

function queryText(path: string, query: Asking['query']): string {
  if (query === undefined) return ''
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${path.includes('?') ? '&' : '?'}${pairs.join('&')}`
}

/** A refusal as RFC 7644 3.12 has it; for `toMatchObject`. */
export function refusal(status: number, scimType?: string) {
  return {
    status,
    body: { schemas: [ERROR], status: String(status), ...(scimType !== undefined && { scimType }) },
  }
}

let count = 0

/** A text that no other call of this file's run gives, e.g. `jo-17`. */
export function unique(prefix: string): string {
  count += 1
  return `${prefix}-${count}`
}

/** The values of elements, sorted. */
export function values(elements: readonly Element[] | undefined): readonly string[] {
  return (elements ?? []).map(({ value }) => value ?? '').sort()
}

/** ids of the resources that a filter selects, of one page. */
export async function found(service: Scim, path: string, filter: string): Promise<readonly string[]> {
  const { status, text, body } = await service.get(path, { filter, attributes: 'id' })
  if (status !== 200) throw new Error(`${filter} was answered ${status}: ${text}`)
  return (body.Resources ?? []).map(({ id }) => id ?? '')
}
