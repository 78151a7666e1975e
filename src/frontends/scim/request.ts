/** What one request runs with: who asks, until when, and what its parameters say (RFC 7644 3.4.2, 3.9, 3.14). */

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Changeable } from '../../model/changeable.js'
import { VitrineError } from '../../model/errors.js'
import type { Tally } from '../../model/observe.js'
import type { Provenance } from '../../model/provenance.js'
import { ANONYMOUS, type Context, type Principal } from '../../model/request.js'
import { isArray, isObject, type Json, type JsonObject } from '../../scim/json.js'
import type { Conditions } from './etag.js'
import { spanOf, tallyOf } from './observed.js'

/** Milliseconds that a timer can wait at most: 24 days. */
const LONGEST = 2 ** 31 - 1

/** What a request takes that nothing is changed by. */
export interface Reading {
  /** Takes what the answer is without, where that will do. */
  readonly missing: Set<string> | undefined
  /** Where answers that were kept will do. */
  readonly kept: Provenance | undefined
}

/** The context of a request; its signal is made only if somebody looks at it. */
class RequestContext implements Context {
  readonly principal: Principal
  readonly address: string
  readonly secure: boolean
  readonly missing?: Set<string>
  readonly kept?: Provenance
  readonly tally?: Tally
  readonly #reply: FastifyReply
  #controller: AbortController | undefined
  #listeners: Set<(reason: unknown) => void> | undefined
  #isWatching = false
  #ended: VitrineError | undefined

  constructor(
    principal: Principal,
    request: FastifyRequest,
    reply: FastifyReply,
    { missing, kept }: Partial<Reading> = {},
  ) {
    if (missing !== undefined) this.missing = missing
    if (kept !== undefined) this.kept = kept
    const tally = tallyOf(request)
    if (tally !== undefined) this.tally = tally
    this.principal = principal
    this.address = request.ip
    this.secure = request.protocol === 'https'
    this.#reply = reply
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.#watch()
      if (this.#ended !== undefined) this.#controller.abort(this.#ended)
    }
    return this.#controller.signal
  }

  whenAborted(listener: (reason: unknown) => void): () => void {
    this.#watch()
    if (this.#ended !== undefined) {
      listener(this.#ended)
      return () => undefined
    }
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
    return () => this.#listeners?.delete(listener)
  }

  /** From now on it is known when the client leaves. */
  #watch(): void {
    if (this.#isWatching || this.#ended !== undefined) return
    this.#isWatching = true
    const { raw } = this.#reply
    if (raw.destroyed && !raw.writableFinished) this.#ended = new VitrineError('canceled')
    else raw.once('close', this.#closed)
  }

  end(reason: VitrineError): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    this.#controller?.abort(reason)
    for (const listener of this.#listeners ?? []) listener(reason)
  }

  /** Nobody works on it any more. */
  release(): void {
    if (this.#isWatching) this.#reply.raw.removeListener('close', this.#closed)
  }

  readonly #closed = (): void => {
    if (!this.#reply.raw.writableFinished) this.end(new VitrineError('canceled'))
  }
}

/**
 * Runs `work` with a context that ends when the client disconnects, or when `limit` milliseconds have passed; 0 is no
 * limit.
 * @throws VitrineError timeLimitExceeded
 */
export function withContext<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal,
  limit: number,
  work: (ctx: Context) => Promise<T>,
  reading?: Reading,
): Promise<T> {
  const ctx = new RequestContext(principal, request, reply, reading)
  return new Promise((resolve, reject) => {
    const timer =
      limit === 0
        ? undefined
        : setTimeout(
            () => {
              const exceeded = new VitrineError('timeLimitExceeded')
              ctx.end(exceeded)
              reject(exceeded)
            },
            Math.min(limit, LONGEST),
          )
    const span = spanOf(request)
    const done = span === undefined ? work(ctx) : span.run(() => work(ctx))
    const release = () => {
      clearTimeout(timer)
      ctx.release()
    }
    done.then(
      (result) => {
        release()
        resolve(result)
      },
      (error) => {
        release()
        reject(error)
      },
    )
  })
}

/** Before anybody is known: for whoever finds out who asks. */
export function strangerContext(request: FastifyRequest, reply: FastifyReply): Context {
  return new RequestContext(ANONYMOUS, request, reply)
}

/** What of the resources is shown; undefined is what is shown by default. */
export interface Shown {
  readonly attributes?: string
  readonly excludedAttributes?: string
}

/** RFC 7644 3.4.2, with RFC 9865. Counts are as the client wrote them, whole numbers. */
export interface Query extends Shown {
  readonly filter?: string
  readonly sortBy?: string
  readonly descending?: boolean
  readonly startIndex?: number
  readonly count?: number
  readonly cursor?: string
  readonly since?: string
}

/** @throws VitrineError constraintViolation (invalidValue) where a parameter makes no sense */
export function queryOfUrl(request: FastifyRequest): Query {
  const query: Changeable<Query> = {}
  const given = request.query as Readonly<Record<string, string | readonly string[]>>
  for (const name in given) {
    const value = given[name]
    if (value !== undefined) take(query, name, typeof value === 'string' ? value : value.map(String))
  }
  return query
}

const SEARCH_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/**
 * A query that is posted (RFC 7644 3.4.3).
 * @throws VitrineError protocolError (invalidSyntax) where the body is no SearchRequest, constraintViolation
 */
export function queryOfBody(body: Json | undefined): Query {
  const message = messageOf(body, SEARCH_REQUEST)
  const query: Changeable<Query> = {}
  for (const name in message) {
    const value = message[name]
    if (value === undefined || value === null) continue
    if (typeof value === 'string' || typeof value === 'number') take(query, name, String(value))
    else if (isArray(value) && value.every((v): v is string => typeof v === 'string'))
      take(query, name, value)
    else if (PARAMETERS.has(name.toLowerCase())) throw invalid(name, 'makes no sense')
  }
  return query
}

const PARAMETERS: ReadonlySet<string> = new Set([
  'attributes',
  'excludedattributes',
  'filter',
  'sortby',
  'sortorder',
  'startindex',
  'count',
  'cursor',
])

/** Names are taken in any case, as those of attributes are; what is unknown is ignored. */
function take(query: Changeable<Query>, name: string, value: string | readonly string[]): void {
  switch (name.toLowerCase()) {
    case 'attributes':
      query.attributes = typeof value === 'string' ? value : value.join(',')
      return
    case 'excludedattributes':
      query.excludedAttributes = typeof value === 'string' ? value : value.join(',')
      return
    case 'filter': {
      const filter = single(name, value)
      if (filter.trim() !== '') query.filter = filter
      return
    }
    case 'sortby': {
      const path = single(name, value).trim()
      if (path !== '') query.sortBy = path
      return
    }
    case 'sortorder': {
      const order = single(name, value).toLowerCase()
      if (order !== '' && order !== 'ascending' && order !== 'descending')
        throw invalid(name, 'must be ascending or descending')
      query.descending = order === 'descending'
      return
    }
    case 'startindex':
      if (value !== '') query.startIndex = integer(name, value)
      return
    case 'count':
      if (value !== '') query.count = integer(name, value)
      return
    case 'cursor':
      query.cursor = single(name, value)
      return
    case 'since':
      query.since = single(name, value)
      return
  }
}

function single(name: string, value: string | readonly string[]): string {
  if (typeof value !== 'string') throw invalid(name, 'must be given once')
  return value
}

function integer(name: string, value: string | readonly string[]): number {
  const text = single(name, value).trim()
  if (!/^[+-]?[0-9]+$/.test(text)) throw invalid(name, 'must be a whole number')
  return Math.max(Math.min(Number(text), Number.MAX_SAFE_INTEGER), -1)
}

function invalid(name: string, must: string): VitrineError {
  return new VitrineError('constraintViolation', { message: `the parameter ${name} ${must}` })
}

/**
 * The body as the message that it has to be.
 * @throws VitrineError protocolError (invalidSyntax)
 */
export function messageOf(body: Json | undefined, schema: string): JsonObject {
  const message = objectOf(body)
  const { schemas } = message
  const known =
    isArray(schemas) && schemas.some((s) => typeof s === 'string' && s.toLowerCase() === schema.toLowerCase())
  if (!known) {
    throw new VitrineError('protocolError', { message: `schemas must hold ${schema}` })
  }
  return message
}

/** @throws VitrineError protocolError (invalidSyntax) */
function objectOf(body: Json | undefined): JsonObject {
  if (!isObject(body)) throw new VitrineError('protocolError', { message: 'the body must be a JSON object' })
  return body
}

const UNCONDITIONAL: Conditions = {}

export function conditionsOf({ headers }: FastifyRequest): Conditions {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  if (ifMatch === undefined && ifNoneMatch === undefined) return UNCONDITIONAL
  return { ...(ifMatch !== undefined && { ifMatch }), ...(ifNoneMatch !== undefined && { ifNoneMatch }) }
}

/** RFC 7240: does the client want nothing back but that it is done? */
export function wantsMinimal({ headers }: FastifyRequest): boolean {
  const { prefer } = headers
  if (prefer === undefined) return false
  return /(?:^|[,;\s])return\s*=\s*"?minimal"?\s*(?:[,;]|$)/i.test(String(prefer))
}

const BYPASS = 'group-overhead-bypass'

/** Are members of groups to be taken and given without looking at who they are? */
export function bypassesOverhead({ headers, query }: FastifyRequest): boolean {
  if (headers[BYPASS] !== undefined) return true
  for (const name in query as object) if (name.toLowerCase() === BYPASS) return true
  return false
}
