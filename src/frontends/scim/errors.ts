/**
 * Failures as SCIM tells them (RFC 7644 3.12): one shape for every one, whoever threw it. Codes and safe texts are
 * those of `model/errors.ts`; what only HTTP knows (methods, media types, tokens) is a `ScimError`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorKinds, VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import type { JsonObject } from '../../scim/json.js'
import { BearerError } from './auth/auth.js'

const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error'

export interface ScimErrorOptions {
  readonly scimType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal that belongs to HTTP or to the protocol itself; `detail` is for the client. */
export class ScimError extends Error {
  readonly status: number
  readonly scimType: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, detail: string, options: ScimErrorOptions = {}) {
    super(detail)
    this.name = 'ScimError'
    this.status = status
    this.scimType = options.scimType
    this.headers = options.headers ?? {}
  }
}

export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: JsonObject
}

/** Seconds after which to ask again, for what passes. */
const RETRY_AFTER: Readonly<Record<number, string>> = { 429: '1', 503: '5' }

/** What the client is told, and what the log is. */
export function refusalOf(thrown: unknown, log: Log, about: object): Refusal {
  if (thrown instanceof ScimError) {
    log.debug({ ...about, status: thrown.status, detail: thrown.message }, 'a request was refused')
    return refusal(thrown.status, thrown.message, thrown.scimType, thrown.headers)
  }
  const framework = frameworkError(thrown)
  if (framework !== undefined) {
    log.debug({ ...about, status: framework.status, err: thrown }, 'a request was refused')
    return refusal(framework.status, framework.detail, framework.scimType)
  }
  const error = isAborted(thrown)
    ? new VitrineError('canceled', { cause: thrown })
    : VitrineError.from(thrown)
  const kind = errorKinds[error.code]
  const detail = { ...about, code: error.code, err: error }
  if (kind.http === 500) log.error(detail, 'a request failed')
  else if (error.code === 'unavailable' || error.code === 'busy')
    log.warn(detail, 'a request could not be done now')
  else log.debug(detail, 'a request was refused')
  const retry = RETRY_AFTER[kind.http]
  return refusal(kind.http, error.safeMessage, 'scimType' in kind ? kind.scimType : undefined, {
    ...(retry !== undefined && { 'retry-after': retry }),
    ...(error instanceof BearerError && { 'www-authenticate': error.challenge }),
  })
}

function refusal(
  status: number,
  detail: string,
  scimType?: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  const type = scimType !== undefined && { scimType }
  return { status, headers, body: { schemas: [ERROR_SCHEMA], status: String(status), ...type, detail } }
}

/**
 * For `frameworkErrors` of the server: paths that are no text are refused before any route of a plugin sees them
 * (RFC 7644 3.12).
 */
export function refuseMalformed(_error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = refusal(400, 'the path is malformed', 'invalidSyntax')
  reply.code(status).header('content-type', 'application/scim+json; charset=utf-8').send(JSON.stringify(body))
}

/** The client went away while it was still sending. */
function isAborted(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ECONNRESET'
}

/** Requests that the HTTP framework refuses before they reach a route; anything else it throws is a failure. */
function frameworkError(thrown: unknown): { status: number; detail: string; scimType?: string } | undefined {
  if (!(thrown instanceof Error) || !('statusCode' in thrown) || !('code' in thrown)) return undefined
  const { statusCode, code } = thrown
  if (typeof code !== 'string' || !code.startsWith('FST_')) return undefined
  switch (statusCode) {
    case 413:
      return { status: 413, detail: 'the body is larger than what is accepted here' }
    case 415:
      return { status: 415, detail: 'a body must be application/scim+json or application/json' }
    case 400:
      return { status: 400, detail: 'malformed request', scimType: 'invalidSyntax' }
    default:
      return undefined
  }
}
