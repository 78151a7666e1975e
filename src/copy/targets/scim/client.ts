/**
 * A SCIM service as its client sees it (RFC 7644): requests and answers in JSON, made again where they failed for reasons
 * that pass. What a request means, and what is to be done when nobody knows whether it was obeyed, is decided above.
 */
import { VitrineError } from '../../../model/errors.js'
import { isObject, type Json, type JsonObject } from '../../../scim/json.js'
import { type Credentials, credentialsOf } from './credentials.js'
import { type Exchange, Http, type HttpAnswer, NoAnswer } from './http.js'
import { Pace } from './pace.js'
import type { RemoteSettings } from './settings.js'

export interface Asked {
  readonly method: Exchange['method']
  /** Below the service's URL, with a query if there is one. */
  readonly path: string
  readonly body?: JsonObject
  /** A version that the resource must have. */
  readonly match?: string
  /** Is it no harm to ask twice? */
  readonly repeatable: boolean
}

export interface Answer {
  readonly status: number
  /** Undefined where there is no content. */
  readonly body: JsonObject | undefined
  readonly version: string | undefined
  /** Where a new resource is. */
  readonly location: string | undefined
}

/** The service has said no, or keeps failing at this one request. */
export class Refused extends Error {
  readonly status: number
  readonly scimType: string | undefined
  readonly detail: string

  constructor(status: number, scimType: string | undefined, detail: string) {
    super(detail === '' ? `the service answers ${status}` : `the service answers ${status}: ${detail}`)
    this.name = 'Refused'
    this.status = status
    this.scimType = scimType
    this.detail = detail
  }
}

/** Nobody knows whether a request that must not be made twice was obeyed. */
export class Doubtful extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Doubtful'
  }
}

/** Answers after which the request may or may not have been obeyed. */
const DOUBTFUL = new Set([408, 500, 502, 504])

export class ScimClient {
  readonly #settings: RemoteSettings
  readonly #http: Http
  readonly #credentials: Credentials
  readonly #pace: Pace
  readonly #base: string

  constructor(settings: RemoteSettings) {
    this.#settings = settings
    this.#http = new Http(settings)
    this.#credentials = credentialsOf(settings.credentials, this.#http)
    this.#pace = new Pace(settings.concurrency)
    this.#base = settings.url.replace(/\/+$/, '')
  }

  /**
   * @throws Refused, Doubtful; VitrineError `unavailable` and `busy` where the service is away or wants to be left alone,
   * `invalidCredentials` where it does not take ours
   */
  async ask(asked: Asked, signal: AbortSignal): Promise<Answer> {
    let refusedBefore = false
    for (let attempt = 1; ; attempt += 1) {
      const { answer, header } = await this.#pace.run(() => this.#once(asked, signal), signal)
      if (answer instanceof HttpReply && answer.status === 401) {
        if (!this.#credentials.refused(header) || refusedBefore) {
          throw new VitrineError('invalidCredentials', {
            message: `the service does not accept our credentials${detailOf(answer, ': ')}`,
          })
        }
        refusedBefore = true
        continue
      }
      if (answer instanceof HttpReply && !passes(answer.status)) {
        this.#pace.fine()
        return resultOf(asked, answer)
      }
      if (answer instanceof NoAnswer && answer.isLasting) throw away(answer)
      if (!asked.repeatable && isDoubtful(answer)) {
        throw new Doubtful(
          answer instanceof NoAnswer ? answer.message : `the service answers ${answer.status}`,
        )
      }
      await this.#before(answer, attempt, signal)
    }
  }

  /** Before the next attempt, for its sake as well as for that of others who ask. */
  async #before(answer: NoAnswer | HttpReply | VitrineError, attempt: number, signal: AbortSignal) {
    const { attempts, maxRetryAfter } = this.#settings
    const told = answer instanceof HttpReply ? retryAfter(answer.header('retry-after')) : undefined
    if (told !== undefined && told > maxRetryAfter) {
      throw away(answer, `; it asks to wait ${Math.ceil(told / 1000)} seconds`)
    }
    if (attempt >= attempts) {
      // What fails again and again with 500 may be this one resource's fault.
      if (answer instanceof HttpReply && answer.status === 500) throw refusedBy(answer)
      throw away(answer, attempts === 1 ? '' : `, ${attempts} times`)
    }
    const wait = told === undefined ? this.#delay(attempt) : told + this.#delay(1)
    const isTooMany = answer instanceof HttpReply && (answer.status === 429 || told !== undefined)
    if (isTooMany) this.#pace.tooMany(wait)
    else await this.#pace.wait(wait, signal)
  }

  async #once(
    { method, path, body, match }: Asked,
    signal: AbortSignal,
  ): Promise<{ answer: HttpReply | NoAnswer | VitrineError; header?: string | undefined }> {
    try {
      const header = await this.#credentials.header(signal)
      const headers = {
        accept: 'application/scim+json, application/json;q=0.9',
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        ...(match !== undefined && { 'if-match': match }),
        ...(header !== undefined && { authorization: header }),
      }
      const url = `${this.#base}${path}`
      const text = body === undefined ? {} : { body: JSON.stringify(body) }
      return {
        answer: new HttpReply(await this.#http.ask({ method, url, headers, ...text }, signal)),
        header,
      }
    } catch (error) {
      if (error instanceof NoAnswer) return { answer: error }
      // The one who issues tokens is away.
      if (error instanceof VitrineError && error.code === 'unavailable') return { answer: error }
      throw error
    }
  }

  /** As long as before another attempt. */
  pause(attempt: number, signal: AbortSignal): Promise<void> {
    return this.#pace.wait(this.#delay(attempt), signal)
  }

  get url(): string {
    return this.#base
  }

  get attempts(): number {
    return this.#settings.attempts
  }

  #delay(attempt: number): number {
    const { delay, maxDelay } = this.#settings
    return Math.min(maxDelay, delay * 2 ** (attempt - 1)) * (1 + Math.random() / 2)
  }

  close(): Promise<void> {
    return this.#http.close()
  }
}

class HttpReply {
  readonly status: number
  readonly header: HttpAnswer['header']
  readonly text: string

  constructor({ status, header, text }: HttpAnswer) {
    this.status = status
    this.header = header
    this.text = text
  }
}

function passes(status: number): boolean {
  return (
    status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status < 505)
  )
}

function isDoubtful(answer: HttpReply | NoAnswer | VitrineError): answer is HttpReply | NoAnswer {
  if (answer instanceof HttpReply) return DOUBTFUL.has(answer.status)
  return answer instanceof NoAnswer && answer.mayBeDone
}

function resultOf({ method, path }: Asked, reply: HttpReply): Answer {
  const { status, text, header } = reply
  if (status >= 300 && status < 400) {
    const to = header('location')
    throw new VitrineError('unwillingToPerform', {
      message: `${method} ${path} is sent elsewhere${to === undefined ? '' : `, to ${to}`}: set the service's own URL`,
    })
  }
  if (status < 200 || status >= 400) throw refusedBy(reply)
  const body = jsonOf(text)
  const isRead = method === 'GET' || method === 'POST'
  if (isRead && text.trim() !== '' && !isObject(body)) {
    throw new VitrineError('unwillingToPerform', {
      message: `${method} ${path} is not answered in JSON: is it the URL of a SCIM service?`,
    })
  }
  return {
    status,
    body: isObject(body) ? body : undefined,
    version: header('etag'),
    location: header('location'),
  }
}

function refusedBy(reply: HttpReply): Refused {
  const body = jsonOf(reply.text)
  const scimType = isObject(body) && typeof body.scimType === 'string' ? body.scimType : undefined
  return new Refused(reply.status, scimType, detailOf(reply, ''))
}

/** At most so much of what a service says about an error is repeated. */
const SAID = 300

function detailOf({ text }: HttpReply, before: string): string {
  const body = jsonOf(text)
  const detail = isObject(body) && typeof body.detail === 'string' ? body.detail.trim() : ''
  if (detail === '') return ''
  return `${before}${detail.length > SAID ? `${detail.slice(0, SAID)}…` : detail}`
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function away(answer: NoAnswer | HttpReply | VitrineError, more = ''): VitrineError {
  if (answer instanceof VitrineError) return answer
  const isBusy = answer instanceof HttpReply && answer.status === 429
  const what =
    answer instanceof HttpReply ? `the service answers ${answer.status}` : `no answer: ${answer.message}`
  return new VitrineError(isBusy ? 'busy' : 'unavailable', { message: `${what}${more}`, cause: answer })
}

/** Milliseconds (RFC 9110 10.2.3). */
function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now())
}
