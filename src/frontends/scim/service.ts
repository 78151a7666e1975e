/** What all routes share: the resource types, who may do what, and how an answer is sent. */
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { Directory } from '../../directory/directory.js'
import type { Rates } from '../../directory/layers/rates.js'
import { VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import type { Observe } from '../../model/observe.js'
import { Provenance } from '../../model/provenance.js'
import type { Context } from '../../model/request.js'
import type { Resource } from '../../model/resource.js'
import type { Tracing } from '../../model/trace.js'
import type { JsonObject } from '../../scim/json.js'
import { type Asked, type JsonText, Representations } from '../../scim/representation/representation.js'
import { type Auth, type Caller, required } from './auth/auth.js'
import { Cursors } from './cursor.js'
import { refusalOf, ScimError } from './errors.js'
import { Listing } from './list.js'
import { spanOf } from './observed.js'
import { type Dialect, dialects, type Profile } from './profiles.js'
import {
  bypassesOverhead,
  conditionsOf,
  queryOfUrl,
  type Shown,
  strangerContext,
  wantsMinimal,
  withContext,
} from './request.js'
import { type Answer, type Call, ResourceType } from './resource-type.js'

export interface ScimSettings {
  /** As clients see the service, without a slash at its end; else taken from each request. */
  readonly baseUrl?: string | undefined
  readonly profile: Profile
  /** Resources of a page at most, and where the client does not say. */
  readonly maxCount: number
  readonly defaultCount: number
  /** The size in bytes. */
  readonly bulk: { readonly maxOperations: number; readonly maxPayloadSize: number }
  /** Bytes of any other body. */
  readonly bodyLimit: number
  /** Milliseconds that a request may take, or one operation of a bulk request; 0: no limit. */
  readonly timeLimit: number
  /** Signs the cursors. */
  readonly cursorSecret: string | Uint8Array
  /** May everybody read what the service says of itself? */
  readonly anonymousDiscovery: boolean
}

export interface ScimOptions {
  readonly directory: Directory
  readonly log: Log
  /** Of the product, as clients see it. */
  readonly version: string
  readonly auth: Auth
  readonly settings: ScimSettings
  /** Hears of every request that has been answered, where anybody wants to. */
  readonly observe?: Observe
  /** Hears of what is done for requests, where anybody wants to. */
  readonly tracing?: Tracing
  /** Absent where everybody may ask as often as they like. */
  readonly rates?: Rates
  /** Absent where no answers are kept. */
  readonly keeping?: object
  /** Is the token endpoint served below the service? Otherwise its path begins at the root. */
  readonly tokenBelow?: boolean
}

/** Under which the caller of a request is kept. */
const CALLER = Symbol('SCIM caller')

const SCIM_JSON = 'application/scim+json; charset=utf-8'
const PLAIN_JSON = 'application/json; charset=utf-8'

export class Service {
  readonly directory: Directory
  readonly log: Log
  readonly version: string
  readonly auth: Auth
  readonly settings: ScimSettings
  readonly dialect: Dialect
  readonly listing: Listing
  readonly cursors: Cursors
  /** In the order of their endpoints. */
  readonly types: readonly ResourceType[]
  readonly resources: readonly Resource[]
  /** The path of the service. */
  readonly #prefix: string
  readonly #tokenBelow: boolean
  readonly #rates: Rates | undefined
  /** Are answers kept anywhere? */
  readonly #isKept: boolean

  constructor(options: ScimOptions, prefix: string) {
    const { directory, log, version, auth, settings, rates, tokenBelow = false } = options
    this.#rates = rates
    this.#isKept = options.keeping !== undefined
    this.directory = directory
    this.log = log
    this.version = version
    this.auth = auth
    this.settings = settings
    this.dialect = dialects[settings.profile]
    this.#prefix = prefix
    this.#tokenBelow = tokenBelow
    this.cursors = new Cursors(settings.cursorSecret)
    const { maxCount, defaultCount } = settings
    this.listing = new Listing({ directory, cursors: this.cursors, maxCount, defaultCount })
    const representations = new Representations(directory)
    const parts = { directory, representations, dialect: this.dialect }
    this.types = [...directory.views.values()].flatMap((view) =>
      view.resource === undefined ? [] : [new ResourceType(view, view.resource, parts)],
    )
    this.resources = this.types.map(({ resource }) => resource)
  }

  static readonly callerKey = CALLER

  /** A hook that lets a request pass whose token is good and has these scopes. */
  authorized(...scopes: readonly string[]): onRequestAsyncHookHandler {
    return (request, reply) => this.#authenticated(request, reply, scopes)
  }

  /** A hook for what the service says of itself. */
  discoverable(): onRequestAsyncHookHandler {
    const authorized = this.authorized()
    return this.settings.anonymousDiscovery ? async () => undefined : authorized
  }

  async #authenticated(
    request: FastifyRequest,
    reply: FastifyReply,
    scopes: readonly string[],
  ): Promise<void> {
    if (this.#rates?.admitAddress(request.ip) === false) throw tooMany()
    const authenticate = () =>
      this.auth.authenticate(request.headers.authorization, strangerContext(request, reply))
    const span = spanOf(request)
    const caller = await (span === undefined ? authenticate() : span.run(authenticate))
    if (this.#rates?.admitIdentity(caller.principal) === false) throw tooMany()
    request.setDecorator(CALLER, caller)
    for (const scope of scopes) this.auth.demand(caller, scope)
  }

  /** Of a request that has passed `authorized`. */
  callerOf(request: FastifyRequest): Caller {
    const caller = request.getDecorator<Caller | null>(CALLER)
    if (caller === null) throw new VitrineError('internalError', { detail: 'a route without authorization' })
    return caller
  }

  /**
   * Runs `work` on behalf of the caller, within the time limit.
   * @param missing takes what the answer is without, where that will do
   * @param isReading does nothing depend on its answer but the answer?
   */
  run<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    work: (ctx: Context) => Promise<T>,
    isReading = false,
    missing?: Set<string>,
  ): Promise<T> {
    const { principal } = this.callerOf(request)
    const kept = isReading && this.#isKept ? new Provenance() : undefined
    return withContext(request, reply, principal, this.settings.timeLimit, work, { missing, kept })
  }

  /** Runs `work` for one resource, and sends what it answers. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    work: (call: Call) => Promise<Answer>,
  ): Promise<FastifyReply> {
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    const minimal = request.method !== 'GET' && wantsMinimal(request)
    const trusted = bypassesOverhead(request)
    const shown = asked(queryOfUrl(request), trusted)
    const conditions = conditionsOf(request)
    const base = this.baseOf(request)
    const run = (ctx: Context) => work({ ctx, base, shown, minimal, trusted, conditions })
    const answer = await this.run(request, reply, run, isReading)
    if (minimal) reply.header('preference-applied', 'return=minimal')
    return this.send(request, reply, answer)
  }

  send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
    const { status, location, version, body } = answer
    if (location !== undefined) reply.header('location', location)
    if (version !== undefined) reply.header('etag', version)
    // Only what was created is told without content by another status than 204 (RFC 7644 3.5).
    if (body === undefined) return reply.code(status === 200 ? 204 : status).send()
    return this.sendText(request, reply, status, body)
  }

  sendJson(request: FastifyRequest, reply: FastifyReply, status: number, body: JsonObject): FastifyReply {
    return this.sendText(request, reply, status, JSON.stringify(body))
  }

  sendText(request: FastifyRequest, reply: FastifyReply, status: number, json: JsonText): FastifyReply {
    return reply.code(status).header('content-type', mediaTypeFor(request)).send(json)
  }

  sendError(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
    const about = { request: request.id, method: request.method, url: pathOf(request), address: request.ip }
    const { status, headers, body } = refusalOf(error, this.log, about)
    if (leavesMuch(request)) reply.header('connection', 'close')
    return this.sendJson(request, reply.headers(headers), status, body)
  }

  baseOf(request: FastifyRequest): string {
    return this.settings.baseUrl ?? `${request.protocol}://${hostOf(request)}${this.#prefix}`
  }

  /** Where clients of the service at this URL get tokens, if it has an endpoint for that. */
  tokenUrl(base: string): string | undefined {
    const path = this.auth.tokenEndpoint?.path
    if (path === undefined) return undefined
    return this.#tokenBelow ? `${base}${path}` : new URL(path, base).href
  }

  /** The types that the caller may read and see. */
  async readable(caller: Caller, ctx: Context): Promise<readonly ResourceType[]> {
    const permitted = this.types.filter(({ resource }) => caller.may(required(resource.type, 'read')))
    const visible = await Promise.all(permitted.map(({ view }) => this.directory.isVisible(view.name, ctx)))
    return permitted.filter((_type, i) => visible[i])
  }

  /** @throws VitrineError insufficientAccessRights for a list of what the caller may see nothing of */
  demandVisible(type: ResourceType, ctx: Context): void | Promise<void> {
    const visible = this.directory.isVisible(type.view.name, ctx)
    return visible instanceof Promise ? visible.then(demand) : demand(visible)
  }
}

/** What is shown: `trusted` requests are spared what members are called. */
export function asked({ attributes, excludedAttributes }: Shown, trusted: boolean): Asked {
  return {
    ...(attributes !== undefined && { attributes }),
    ...(excludedAttributes !== undefined && { excludedAttributes }),
    ...(trusted && { withoutDisplays: true }),
  }
}

function demand(visible: boolean): void {
  if (!visible) throw new VitrineError('insufficientAccessRights')
}

/** SCIM's own media type, but for clients that only know JSON's (RFC 7644 3.8). */
function mediaTypeFor({ headers }: FastifyRequest): string {
  const { accept } = headers
  if (accept === undefined || accept === '*/*') return SCIM_JSON
  const lower = accept.toLowerCase()
  return lower.includes('application/json') && !/application\/scim\+json|\*\/\*|application\/\*/.test(lower)
    ? PLAIN_JSON
    : SCIM_JSON
}

/** A client may call us anything; what is no host is not repeated. */
function hostOf({ host }: FastifyRequest): string {
  return /^[\w.:[\]-]+$/.test(host) ? host : 'localhost'
}

/** Bytes of a refused request that are taken so that its connection can be used again. */
const TAKEN = 65_536

/** Is more of the request still to come than the connection is worth? */
function leavesMuch({ raw, headers }: FastifyRequest): boolean {
  if (raw.complete || raw.httpVersionMajor > 1) return false
  const length = headers['content-length']
  return length === undefined ? headers['transfer-encoding'] !== undefined : Number(length) > TAKEN
}

/** Without the query, which may hold personal data. */
export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/** For what this path does not know: 405 with those methods that it does (RFC 9110 15.5.6). */
export function methodNotAllowed(allowed: readonly string[]): ScimError {
  const allow = allowed.join(', ')
  return new ScimError(405, `only ${allow} can be used here`, { headers: { allow } })
}

function tooMany(): VitrineError {
  return new VitrineError('busy', { message: 'too many operations; try again later' })
}
